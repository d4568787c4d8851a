{#- As-of, the moment that the scores describe, as a SQL timestamp. -#}
{% macro as_of() -%}
    cast('{{ as_of_text() }}' as {{ dbt.type_timestamp() }})
{%- endmacro %}


{#-
    As-of as text. It is the variable, CONTACT_SCORING_AS_OF, the demo's own as-of, or the last 12 h boundary before the
    run, whichever comes first. What is given is read only when models run: dbt parses the project again when an
    environment variable changes that was read while parsing, and a wrong text would be said of any model.
-#}
{% macro as_of_text() %}
    {% set given = var('as_of', none) if execute else none %}
    {% set in_environment = as_of_in_environment() if execute %}
    {% if given is not none %}
        {{ return(checked_as_of(given | string, 'as_of', 'as_of: ')) }}
    {% elif in_environment %}
        {{ return(checked_as_of(in_environment, 'CONTACT_SCORING_AS_OF', 'CONTACT_SCORING_AS_OF=')) }}
    {% elif raw_input() == 'demo' %}
        {{ return(checked_as_of(var('demo_as_of') | string, 'demo_as_of', 'demo_as_of: ')) }}
    {% endif %}
    {% set boundary_hour = 12 if run_started_at.hour >= 12 else 0 %}
    {{ return(run_started_at.strftime('%Y-%m-%d ') ~ '%02d:00:00' % boundary_hour) }}
{% endmacro %}


{#- Empty if it is not set. -#}
{% macro as_of_in_environment() %}{{ return(env_var('CONTACT_SCORING_AS_OF', '') | trim) }}{% endmacro %}


{#-
    Whether the demo seeds are scored at the as-of that their story is told for. This is called while the demo's tests
    are parsed. It reads the environment variable only if the input is the demo, because dbt parses again when that
    variable changes.
-#}
{% macro is_demo_story() %}
    {{ return(raw_input() == 'demo' and not var('as_of', none) and not as_of_in_environment()) }}
{% endmacro %}


{#- `name` says where the text came from, and `written` how it is given. -#}
{% macro checked_as_of(text, name, written) %}
    {% set parts = modules.re.fullmatch(
        '([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.]0+)?)?(?:Z|[+]00:00)?)?', text | trim
    ) %}
    {% if parts is none or not is_date(parts[1] | int, parts[2] | int, parts[3] | int) %}
        {{ exceptions.raise_compiler_error(
            name ~ ": '" ~ text ~ "' is not a time. Write it in UTC, such as " ~ written ~ '"2026-11-22 12:00:00".'
        ) }}
    {% elif (parts[4] or '00') not in ['00', '12'] or (parts[5] or '00') != '00' or (parts[6] or '00') != '00' %}
        {{ exceptions.raise_compiler_error(
            name ~ ": '" ~ text ~ "' is off the 12 h grid. Scores are true for 00:00:00 or 12:00:00 UTC: give one of the two."
        ) }}
    {% endif %}
    {{ return(parts[1] ~ '-' ~ parts[2] ~ '-' ~ parts[3] ~ ' ' ~ (parts[4] or '00') ~ ':00:00') }}
{% endmacro %}


{% macro is_date(year, month, day) %}
    {% if year < 1 or year > 9998 or month < 1 or month > 12 or day < 1 %}{{ return(false) }}{% endif %}
    {% set next_month = modules.datetime.date(year + month // 12, month % 12 + 1, 1) %}
    {{ return(day <= (next_month - modules.datetime.timedelta(days=1)).day) }}
{% endmacro %}
