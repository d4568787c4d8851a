{#- Hashes texts, so that a value has the same key whatever its type. -#}
{% macro postgres__lookup_key(columns) -%}
    hash_record_extended(row(
        {%- for column in columns %}cast({{ column }} as text){{ ', ' if not loop.last }}{% endfor -%}
    ), 0)
{%- endmacro %}


{#-
    PostgreSQL's planner assumes that an event's key, source and id are independent. It expects one row where a million
    match, and loops over all pairs of rows: at a million events, a model took minutes that takes two seconds without
    such loops. There is no index that a loop could use.
-#}
{% macro postgres__plan_for_many_rows() %}set local enable_nestloop = off{% endmacro %}


{#- A test has no pre-hook. Planned with such loops, one audit of the demo took more than a quarter hour. -#}
{% macro postgres__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) %}
    {{ plan_for_many_rows() }};
    {{ default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) }}
{% endmacro %}


{% macro postgres__gather_statistics(relation, materialized) %}
    {{ return('' if materialized == 'view' else 'analyze ' ~ relation) }}
{% endmacro %}


{% macro postgres__by_code_point(expression) -%}
    ({{ expression }} collate "C")
{%- endmacro %}


{#- The collation "C" only knows ASCII, so this uses the language of the database. -#}
{% macro postgres__lower_case(expression) -%}
    (lower({{ expression }} collate "default") collate "C")
{%- endmacro %}


{#-
    A cast fails on the 30th of February, and no release before 16 can test that beforehand, so the calendar is checked
    first.
-#}
{% macro postgres__timestamp_from_text(expression) -%}
    {%- set text = time_in_capitals(expression) -%}
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
                        -- digits below a microsecond are cut off, because a cast would round them
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


{#- Its own is in an extension, which not everybody may install. -#}
{% macro postgres__edit_distance(left, right) -%}
    cast(null as integer)
{%- endmacro %}


{% macro postgres__json_text(column, key) -%}
    (cast({{ column }} as jsonb) ->> '{{ key }}')
{%- endmacro %}


{% macro postgres__seconds_to_utc(expression) -%}
    (timestamp '1970-01-01 00:00:00' + {{ expression }} * interval '1 second')
{%- endmacro %}
