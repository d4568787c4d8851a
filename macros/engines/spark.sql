{#- With Iceberg's SQL extensions (Iceberg 1.10), a replaced view in a Hive catalog keeps its first text. -#}
{% macro spark__check_engine() %}
    {% do default__check_engine() %}
    {% if not execute or flags.WHICH not in ['build', 'run'] %}{{ return('') }}{% endif %}
    {% set view = target.schema ~ '.contact_scoring_view_check' %}
    {% for number in [1, 2] %}{% do run_statement('create or replace view ' ~ view ~ ' as select ' ~ number ~ ' as number') %}{% endfor %}
    {% set number = run_query('select number from ' ~ view).rows[0][0] %}
    {% do run_statement('drop view ' ~ view) %}
    {% if number | int != 2 %}
        {{ exceptions.raise_compiler_error(
            'A view that is replaced keeps its first text on this cluster, so scores would stay those of the first build. '
            ~ 'Start the Thrift server without IcebergSparkSessionExtensions: Spark 3.5 needs them for nothing that is done here.'
        ) }}
    {% endif %}
{% endmacro %}


{% macro spark__lookup_key(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}


{% macro spark__not_materialized() -%}
{%- endmacro %}


{% macro spark__tables_named(name) %}
    {% set schema, found = var('raw_schema') | string, [] %}
    {% for row in run_query("show databases like '" ~ schema ~ "'").rows %}
        {% for table in run_query("show tables in `" ~ schema ~ "` like '" ~ name ~ "'").rows %}
            {% do found.append([none, schema, table[1]]) %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}


{#-
    The last byte. If the last character is not ASCII, neither is this byte. To take the last character, Spark would
    count them all.
-#}
{#- Spark replaces every match without being told, and takes no flags. -#}
{% macro spark__normalised_name(expression) -%}
    regexp_replace({{ trimmed(lower_case(expression)) }}, concat('[', {{ white_space() }}, ']+'), ' ')
{%- endmacro %}


{% macro spark__last_character(expression) -%}
    cast(substring(cast({{ expression }} as binary), -1, 1) as string)
{%- endmacro %}


{#- `$` alone would also match before a line end. -#}
{% macro spark__has_form(expression, pattern) -%}
    {{ expression }} rlike '^(?:{{ pattern }})(?!(?s:.))'
{%- endmacro %}


{#- A time without a zone is taken to be in the session's zone, which is UTC. -#}
{% macro spark__instant_to_utc(expression) -%}
    cast({{ expression }} as timestamp)
{%- endmacro %}


{#-
    Spark does not know offsets of more than 18 hours, so the offset is subtracted here as well. The lambda names the
    text once: written out six times, the columns of an event are more than Spark can compile.
-#}
{% macro spark__timestamp_from_text(expression) -%}
    {%- set time = '[T ](?:[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.][0-9]+)?)?)' -%}
    {%- set offset = '([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?' -%}
    transform(array({{ time_in_capitals(expression) }}), text -> case
        when {{ has_form('text', '[0-9]{4}-[0-9]{2}-[0-9]{2}(?:' ~ time ~ '(?:Z|' ~ offset ~ ')?)?') }}
            then
                try_cast(
                    -- digits below a microsecond are cut off
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


{% macro spark__readable_timestamp_from_text(expression) -%}
    transform(array({{ timestamp_from_text(expression) }}), instant -> {{ readable_timestamp('instant') }})[0]
{%- endmacro %}


{% macro spark__type_double() -%}
    double
{%- endmacro %}


{#- Replaces dbt's own, with which contracts are checked: their columns are `double precision`, as elsewhere. -#}
{% macro spark__cast(field, type) -%}
    cast({{ field }} as {{ type_double() if type == 'double precision' else type }})
{%- endmacro %}


{#-
    Replaces dbt-spark's own, which works in whole seconds. It got limits such as 24 hours wrong by fractions of a
    second.
-#}
{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
    ({{ from_date_or_timestamp }} + interval '{{ interval }}' {{ datepart }})
{%- endmacro %}


{#-
    Counts whole seconds since 1970, which lies on the 12 h grid. To find the day, Spark would have to consult a
    calendar.
-#}
{% macro spark__period_start(expression) -%}
    timestamp_seconds(unix_seconds({{ expression }}) - pmod(unix_seconds({{ expression }}), 43200))
{%- endmacro %}


{% macro spark__json_text(column, key) -%}
    get_json_object({{ column }}, '$.{{ key }}')
{%- endmacro %}


{% macro spark__seconds_to_utc(expression) -%}
    timestamp_seconds({{ expression }})
{%- endmacro %}
