{#- The instant the scores are true for, as a SQL timestamp. -#}
{% macro as_of() -%}
    cast('{{ as_of_text() }}' as {{ dbt.type_timestamp() }})
{%- endmacro %}


{#- The same as text: the variable, the demo's own instant, or the last 12 h boundary before the run. -#}
{% macro as_of_text() %}
    {% set given = var('as_of', none) %}
    {% if given is not none %}
        {{ return(checked_as_of(given | string)) }}
    {% elif raw_input() == 'demo' %}
        {{ return(checked_as_of(var('demo_as_of') | string)) }}
    {% endif %}
    {% set boundary_hour = 12 if run_started_at.hour >= 12 else 0 %}
    {{ return(run_started_at.strftime('%Y-%m-%d ') ~ '%02d:00:00' % boundary_hour) }}
{% endmacro %}


{% macro checked_as_of(text) %}
    {% set parts = modules.re.fullmatch(
        '([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.]0+)?)?(?:Z|[+]00:00)?)?', text | trim
    ) %}
    {% if parts is none or not is_date(parts[1] | int, parts[2] | int, parts[3] | int) %}
        {{ exceptions.raise_compiler_error(
            "as_of: '" ~ text ~ "' is not a time. Write it in UTC, such as as_of: \"2026-11-22 12:00:00\"."
        ) }}
    {% elif parts[4] not in [none, '00', '12'] or parts[5] not in [none, '00'] or parts[6] not in [none, '00'] %}
        {{ exceptions.raise_compiler_error(
            "as_of: '" ~ text ~ "' is off the 12 h grid. Scores are true for 00:00:00 or 12:00:00 UTC: give one of the two."
        ) }}
    {% endif %}
    {{ return(parts[1] ~ '-' ~ parts[2] ~ '-' ~ parts[3] ~ ' ' ~ (parts[4] or '00') ~ ':00:00') }}
{% endmacro %}


{% macro is_date(year, month, day) %}
    {% if year < 1 or year > 9998 or month < 1 or month > 12 or day < 1 %}{{ return(false) }}{% endif %}
    {% set next_month = modules.datetime.date(year + month // 12, month % 12 + 1, 1) %}
    {{ return(day <= (next_month - modules.datetime.timedelta(days=1)).day) }}
{% endmacro %}
