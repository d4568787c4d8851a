{#-
    A time column of a known SQL type, in UTC without a zone. What has a zone goes through its instant,
    so that no session setting matters.
-#}
{% macro utc_timestamp(expression, type) -%}
    {%- if 'with time zone' in type or type == 'timestamptz' -%}
        {{ instant_to_utc(expression) }}
    {%- else -%}
        cast({{ expression }} as {{ dbt.type_timestamp() }})
    {%- endif -%}
{%- endmacro %}


{% macro instant_to_utc(expression) -%}
    {{ adapter.dispatch('instant_to_utc', 'contact_scoring')(expression) }}
{%- endmacro %}


{% macro default__instant_to_utc(expression) -%}
    {{ expression }} at time zone 'UTC'
{%- endmacro %}


{% macro duckdb__instant_to_utc(expression) -%}
    make_timestamp(epoch_us({{ expression }}))
{%- endmacro %}


{#- What has no zone is taken for the session's, which is UTC. -#}
{% macro spark__instant_to_utc(expression) -%}
    cast({{ expression }} as timestamp)
{%- endmacro %}


{#-
    ISO 8601 text: a date, or date and time, with an optional fraction and an optional Z or offset. Anything
    else, words such as `infinity` included, is null. The offset is taken off here: a plain cast of
    '2026-01-01T10:00:00+02:00' to a timestamp drops it without a word.
-#}
{% macro timestamp_from_text(expression) -%}
    {{ adapter.dispatch('timestamp_from_text', 'contact_scoring')(expression) }}
{%- endmacro %}


{% macro duckdb__timestamp_from_text(expression) -%}
    {%- set text = 'upper(' ~ trimmed(expression) ~ ')' -%}
    {%- set time = '[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?' -%}
    {%- set offset = '([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?' -%}
    case
        when {{ has_form(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}(?:' ~ time ~ 'Z?)?') }}
            then try_cast(rtrim({{ text }}, 'Z') as timestamp)
        when {{ has_form(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}' ~ time ~ offset) }}
            then
                try_cast(regexp_replace({{ text }}, '{{ offset }}$', '') as timestamp)
                - to_minutes(
                    cast(regexp_extract({{ text }}, '{{ offset }}$', 1) || '1' as integer)
                    * (
                        60 * cast(regexp_extract({{ text }}, '{{ offset }}$', 2) as integer)
                        + cast('0' || regexp_extract({{ text }}, '{{ offset }}$', 3) as integer)
                    )
                )
    end
{%- endmacro %}


{#- A cast fails on the 30th of February, and no release before 16 says so beforehand: so the calendar is asked first. -#}
{% macro postgres__timestamp_from_text(expression) -%}
    {%- set text = 'upper(' ~ trimmed(expression) ~ ')' -%}
    {%- set time = '[T ](?:(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]+)?)?|24:00(?::00(?:[.]0+)?)?)' -%}
    {%- set date = '(?!0000)[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])' -%}
    {%- set offset = '[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?' -%}
    case
        when {{ has_form(text, date ~ '(?:' ~ time ~ '(?:Z|' ~ offset ~ ')?)?') }}
            then
                case
                    when
                        cast(substr({{ text }}, 9, 2) as integer) <= extract(
                            day from cast(substr({{ text }}, 1, 7) || '-01' as date) + interval '1 month - 1 day'
                        )
                        -- what is finer than a microsecond is cut off, as a cast would round it
                        then
                            cast(
                                regexp_replace(substring({{ text }} from '^[^+Z]{10}(?:[T ][0-9:.]*)?'), '([.][0-9]{6})[0-9]+$', '\1')
                                as timestamp
                            )
                            - cast(coalesce(substring({{ text }} from '[T ].*?([+-][0-9]{2}).*$'), '+00') || ' hours' as interval)
                            - cast(
                                coalesce(substring({{ text }} from '[T ].*?([+-])[0-9]{2}:?[0-9]{2}$'), '+')
                                || coalesce(substring({{ text }} from '[T ].*?[+-][0-9]{2}:?([0-9]{2})$'), '00') || ' minutes'
                                as interval
                            )
                end
    end
{%- endmacro %}


{#-
    An offset of more than 18 hours is unknown to it, so that is taken off here as well. A lambda says the text once: written
    out six times over, the columns of an event are more than it can compile.
-#}
{% macro spark__timestamp_from_text(expression) -%}
    {%- set time = '[T ](?:[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?)' -%}
    {%- set offset = '([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?' -%}
    transform(array(upper({{ trimmed(expression) }})), text -> case
        when {{ has_form('text', '[0-9]{4}-[0-9]{2}-[0-9]{2}(?:' ~ time ~ '(?:Z|' ~ offset ~ ')?)?') }}
            then
                try_cast(
                    -- what is finer than a microsecond is cut off
                    regexp_replace(regexp_extract(text, '^.{10}(?:[T ][0-9:.]*)?', 0), '([.][0-9]{6})[0-9]+$', '$1')
                    as timestamp
                )
                - make_interval(0, 0, 0, 0, 0, coalesce(
                    try_cast(regexp_extract(text, '[T ].*{{ offset }}$', 1) || '1' as integer)
                    * (
                        60 * try_cast(regexp_extract(text, '[T ].*{{ offset }}$', 2) as integer)
                        + cast('0' || regexp_extract(text, '[T ].*{{ offset }}$', 3) as integer)
                    ), 0
                ))
    end)[0]
{%- endmacro %}


{#- Years 1 to 9999: what text can say, and what every engine and client can hold. -#}
{% macro readable_timestamp(expression) -%}
    case
        when {{ expression }} between timestamp '0001-01-01 00:00:00' and timestamp '9999-12-31 23:59:59.999999'
            then {{ expression }}
    end
{%- endmacro %}


{% macro readable_timestamp_from_text(expression) -%}
    {{ adapter.dispatch('readable_timestamp_from_text', 'contact_scoring')(expression) }}
{%- endmacro %}


{% macro default__readable_timestamp_from_text(expression) -%}
    {{ readable_timestamp(timestamp_from_text(expression)) }}
{%- endmacro %}


{% macro spark__readable_timestamp_from_text(expression) -%}
    transform(array({{ timestamp_from_text(expression) }}), instant -> {{ readable_timestamp('instant') }})[0]
{%- endmacro %}


{#- In place of dbt-spark's own, which goes by whole seconds: what came 24 hours and a microsecond later was later still. -#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    ({{ from_date_or_timestamp }} + interval '{{ interval }}' {{ datepart }})
{%- endmacro %}


{#- The start of the 12 h slot that holds a time. -#}
{% macro period_start(expression) -%}
    {{ adapter.dispatch('period_start', 'contact_scoring')(expression) }}
{%- endmacro %}


{% macro default__period_start(expression) -%}
    {%- set day = dbt.date_trunc('day', expression) -%}
    case when extract(hour from {{ expression }}) < 12 then {{ day }} else {{ dbt.dateadd('hour', 12, day) }} end
{%- endmacro %}


{#- By whole seconds since 1970, which is on the grid: to find the day, Spark asks a calendar. -#}
{% macro spark__period_start(expression) -%}
    timestamp_seconds(unix_seconds({{ expression }}) - pmod(unix_seconds({{ expression }}), 43200))
{%- endmacro %}


{#- The age in half days of the 12 h slot that holds a time: 1 for the last one before as-of. Both ends stand on the grid. -#}
{% macro half_days_old(time) -%}
    cast(({{ dbt.datediff(period_start(time), as_of(), 'hour') }}) / 12 as integer)
{%- endmacro %}
