{#- Whether a score is in a band of stg_score_bands: the highest whose `min_score` it reaches. -#}
{% macro is_in_band(score, bands) -%}
    {{ score }} >= {{ bands }}.min_score
            and ({{ bands }}.next_min_score is null or {{ score }} < {{ bands }}.next_min_score)
{%- endmacro %}
