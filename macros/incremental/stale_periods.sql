{#- The start of the first period that any window reaches back to. -#}
{% macro first_period(as_of) %}{{ return(as_of - modules.datetime.timedelta(days=90)) }}{% endmacro %}


{#- The starts of the periods in which since the last complete build a row came, went or was marked otherwise. -#}
{% macro changed_periods(last_build) %}
    {% set read_events, event_marks = ref('read_events'), ref('event_marks') %}
    {{ return(run_query(
        'select period_start from ' ~ read_events ~ ' where ' ~ is_new(last_build)
        ~ ' union select period_start from ' ~ event_marks ~ ' where ' ~ is_new(last_build)
    ).columns[0].values() | select | list) }}
{% endmacro %}


{#- Whether a row's period is one of some, which as literals tell the engine what parts of a table to leave out. -#}
{% macro is_in_periods(periods) -%}
    {%- set literals = [] %}
    {%- for period in periods %}{% do literals.append("timestamp '" ~ period ~ "'") %}{% endfor %}
    {{- return('period_start in (' ~ (literals | join(', ') or 'null') ~ ')') }}
{%- endmacro %}


{#- Whether a row's period has changed since a build; any has where there is none to go on from. -#}
{% macro is_in_changed_period(last_build) -%}
    {{- return(is_in_periods(changed_periods(last_build)) if last_build else 'true') }}
{%- endmacro %}


{#- Takes out the rows of changed periods before they are selected again. -#}
{% macro forget_changed_periods(model, is_changed) %}
    {% if is_incremental() %}delete from {{ model }} where {{ is_changed }}{% endif %}
{% endmacro %}


{#-
    The periods of the 90 days before as-of that have to be counted: those that the last complete build did not count, or
    counted under other rules, and those in which since then a row came, went or was marked otherwise.
-#}
{% macro stale_periods() -%}
    {%- set last_build = last_build_under('scoring_rules', scoring_rules_fingerprint()) %}
    {%- if not execute %}{{ return([]) }}{% endif %}
    {%- set as_of = modules.datetime.datetime.fromisoformat(as_of_text()) %}
    {%- set changed = changed_periods(last_build) if last_build else [] %}

    {%- set stale = [] %}
    {%- for number in range(180) %}
        {%- set period = first_period(as_of) + modules.datetime.timedelta(hours=12 * number) %}
        {%- if not last_build or period in changed or period >= last_build.as_of or period < first_period(last_build.as_of) %}
            {%- do stale.append(period) %}
        {%- endif %}
    {%- endfor %}
    {{- return(stale) }}
{%- endmacro %}


{#-
    Takes out the counts of stale periods before they are counted again, and those that neither this build nor the last
    complete one looks at: that one's stay until this one is complete.
-#}
{% macro forget_stale_periods(period_counts) %}
    {% set stale = stale_periods() %}
    {% if not is_incremental() %}{{ return('') }}{% endif %}
    {% set as_of = modules.datetime.datetime.fromisoformat(as_of_text()) %}
    {% set last_as_of = (last_build() or {'as_of': as_of}).as_of %}
    delete from {{ period_counts }}
    where
        {{ is_in_periods(stale) }}
        or period_start < timestamp '{{ first_period([as_of, last_as_of] | min) }}'
        or period_start >= timestamp '{{ [as_of, last_as_of] | max }}'
{% endmacro %}
