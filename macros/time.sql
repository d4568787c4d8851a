{#-
    A time column of a known SQL type, in UTC without a zone. A time with a zone is converted by its instant, so that no
    session setting matters.
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


{#- The text of a time with `T` and `Z` in upper case, and with `Z` instead of ` UTC`. -#}
{% macro time_in_capitals(expression) -%}
    upper(replace({{ trimmed(expression) }}, ' UTC', 'Z'))
{%- endmacro %}


{#-
    Reads ISO 8601 text: a date, or date and time, with an optional fraction and an optional Z, ` UTC` or offset.
    Anything else is null, including words such as `infinity`. The offset is subtracted here, because a plain cast of
    '2026-01-01T10:00:00+02:00' to a timestamp silently drops it.
-#}
{% macro timestamp_from_text(expression) -%}
    {{ adapter.dispatch('timestamp_from_text', 'contact_scoring')(expression) }}
{%- endmacro %}


{#- Only years 1 to 9999, which text can express and every engine and client can hold. -#}
{% macro readable_timestamp(expression) -%}
    case
        when {{ is_readable_time(expression) }}
            then {{ expression }}
    end
{%- endmacro %}


{% macro is_readable_time(expression) -%}
    {{ expression }} between timestamp '0001-01-01 00:00:00' and timestamp '9999-12-31 23:59:59.999999'
{%- endmacro %}


{% macro readable_timestamp_from_text(expression) -%}
    {{ adapter.dispatch('readable_timestamp_from_text', 'contact_scoring')(expression) }}
{%- endmacro %}


{#- The start of the 12 h period that contains a time. -#}
{% macro period_start(expression) -%}
    {{ adapter.dispatch('period_start', 'contact_scoring')(expression) }}
{%- endmacro %}


{#-
    The age in half days of the 12 h period that contains a time; 1 for the last one before as-of. Start and as-of are
    both on the 12 h grid.
-#}
{% macro half_days_old(time) -%}
    cast(({{ dbt.datediff(period_start(time), as_of(), 'hour') }}) / 12 as integer)
{%- endmacro %}
