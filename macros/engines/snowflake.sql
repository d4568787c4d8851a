{#- A plain `timestamp`, in literals and in contracts, is what this setting says. -#}
{% macro snowflake__check_engine() %}
    {% do default__check_engine() %}
    {% if not execute or flags.WHICH not in ['build', 'run'] %}{{ return('') }}{% endif %}
    {% for row in run_query("show parameters like 'TIMESTAMP_TYPE_MAPPING' in session").rows if row[1] != 'TIMESTAMP_NTZ' %}
        {{ exceptions.raise_compiler_error(
            'TIMESTAMP_TYPE_MAPPING is ' ~ row[1] ~ ' for this user, so times would be of a time zone, and scores be wrong by hours. '
            ~ 'Set it back: alter user ' ~ target.user ~ ' set timestamp_type_mapping = timestamp_ntz'
        ) }}
    {% endfor %}
{% endmacro %}


{#- A new release comes every week, and changes no MD5. -#}
{% macro snowflake__engine_release() %}{{ return('') }}{% endmacro %}


{#-
    Snowflake's own hash() is quicker, but nothing says that it stays as it is, and the log keeps keys for good. The
    length before each value tells ('a', 'bc') from ('ab', 'c').
-#}
{% macro snowflake__lookup_key(columns) -%}
    md5_number_lower64(
        {%- for column in columns %}coalesce(length({{ column }}) || ':' || {{ column }}, '-'){{ ' || ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}


{% macro snowflake__not_materialized() -%}
{%- endmacro %}


{#- Each database has an information_schema of its own. In quotes, a name is found in the case that it is written in. -#}
{% macro snowflake__tables_named(name) %}
    {{ return(run_query(
        "select '\"' || table_catalog || '\"', '\"' || table_schema || '\"', '\"' || table_name || '\"' from "
        ~ (var('raw_database', none) or target.database) ~ ".information_schema.tables"
        ~ " where lower(table_schema) = lower('" ~ var('raw_schema') | string | replace("'", "''")
        ~ "') and lower(table_name) = lower('" ~ name | replace("'", "''") ~ "')"
    ).rows) }}
{% endmacro %}


{#- The names by which the other engines call these types. A float has 64 bits. -#}
{% macro snowflake__raw_column_types(relation) %}
    {% set types = {} %}
    {% set names = {'timestamp_ntz': 'timestamp', 'timestamp_tz': 'timestamptz', 'timestamp_ltz': 'timestamptz', 'float': 'double'} %}
    {% for column in adapter.get_columns_in_relation(relation) %}
        {% do types.update({column.name | lower: names.get(column.dtype | lower, column.dtype | lower)}) %}
    {% endfor %}
    {{ return(types) }}
{% endmacro %}


{% macro snowflake__trimmed(expression) -%}
    trim({{ expression }}, {{ white_space() }})
{%- endmacro %}


{#- Snowflake replaces every match without being told. -#}
{% macro snowflake__normalised_name(expression) -%}
    regexp_replace({{ trimmed(lower_case(expression)) }}, '[' || {{ white_space() }} || ']+', ' ')
{%- endmacro %}


{#-
    POSIX's extended regular expressions: no group that is not captured, no look-ahead, and a backslash would be written
    twice.
-#}
{% macro snowflake__has_form(expression, pattern) -%}
    regexp_like({{ expression }}, '^({{ pattern }})$')
{%- endmacro %}


{% macro snowflake__instant_to_utc(expression) -%}
    cast(convert_timezone('UTC', {{ expression }}) as {{ dbt.type_timestamp() }})
{%- endmacro %}


{#- Microseconds, as elsewhere; without a number there would be nanoseconds. -#}
{% macro snowflake__type_timestamp() -%}
    timestamp_ntz(6)
{%- endmacro %}


{#-
    The format is given, because a session may set another one. Hours, minutes and seconds are added, so that 24:00 is
    the next midnight. Digits below a microsecond are cut off.
-#}
{% macro snowflake__timestamp_from_text(expression) -%}
    {%- set text = time_in_capitals(expression) -%}
    {%- set time = '(([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]+)?)?|24:00(:00([.]0+)?)?)' -%}
    {%- set offset = '[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?' -%}
    {%- set offset_parts = "'[T ].*([+-])([0-9]{2}):?([0-9]{2})?$', 1, 1, 'e'" -%}
    case
        when {{ has_form(text, '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ]' ~ time ~ '(Z|' ~ offset ~ ')?)?') }}
            then
                dateadd(
                    'microsecond',
                    cast(rpad(coalesce(regexp_substr({{ text }}, '[.]([0-9]{1,6})', 1, 1, 'e', 1), ''), 6, '0') as integer),
                    dateadd(
                        'second',
                        3600 * cast('0' || substr({{ text }}, 12, 2) as integer)
                        + 60 * cast('0' || substr({{ text }}, 15, 2) as integer)
                        + case when substr({{ text }}, 17, 1) = ':' then cast(substr({{ text }}, 18, 2) as integer) else 0 end
                        - cast(coalesce(regexp_substr({{ text }}, {{ offset_parts }}, 1), '') || '60' as integer)
                        * (
                            60 * cast('0' || coalesce(regexp_substr({{ text }}, {{ offset_parts }}, 2), '') as integer)
                            + cast('0' || coalesce(regexp_substr({{ text }}, {{ offset_parts }}, 3), '') as integer)
                        ),
                        cast(try_to_date(left({{ text }}, 10), 'YYYY-MM-DD') as {{ dbt.type_timestamp() }})
                    )
                )
    end
{%- endmacro %}


{% macro snowflake__edit_distance(left, right) -%}
    editdistance({{ left }}, {{ right }})
{%- endmacro %}


{#- The column may hold the text of JSON, or JSON itself. -#}
{% macro snowflake__json_text(column, key) -%}
    cast(try_parse_json(cast({{ column }} as varchar)):"{{ key }}" as varchar)
{%- endmacro %}


{% macro snowflake__seconds_to_utc(expression) -%}
    dateadd('second', {{ expression }}, cast('1970-01-01 00:00:00' as {{ dbt.type_timestamp() }}))
{%- endmacro %}
