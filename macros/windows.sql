{#- The windows that have their own column in contact_scores. -#}
{% macro named_windows() %}{{ return([1, 7, 14, 30, 60, 90]) }}{% endmacro %}


{#- The score of a row of score_steps if its step contains the window, else null. -#}
{% macro score_in_window(window_days) -%}
    case when {{ window_days }} between score_steps.from_window and score_steps.to_window then score_steps.score end
{%- endmacro %}


{#- Whether a time is in the longest window: the 90 days before as-of. -#}
{% macro is_in_longest_window(time) -%}
    {{ time }} >= {{ dbt.dateadd('day', -90, as_of()) }} and {{ time }} < {{ as_of() }}
{%- endmacro %}


{#- How many periods of 12 hours band_forecast looks ahead: 14 days. -#}
{% macro forecast_periods() %}{{ return(28) }}{% endmacro %}
