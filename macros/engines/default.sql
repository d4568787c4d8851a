{% macro default__check_engine() %}
    {#- raises the error that files cannot be read on this engine -#}
    {% if execute and raw_input() == 'files' %}{% do raw_files_relation('contacts') %}{% endif %}
{% endmacro %}


{% macro default__not_materialized() -%}
    not materialized
{%- endmacro %}


{% macro default__limit_threads() %}{% endmacro %}


{% macro default__plan_for_many_rows() %}{% endmacro %}


{% macro default__type_double() -%}
    double precision
{%- endmacro %}


{% macro default__rounded_points(points) -%}
    cast(round({{ points }}, 2) as decimal(18, 2))
{%- endmacro %}


{% macro default__gather_statistics(relation, materialized) %}{% endmacro %}


{#- The tables and views of `raw_schema` with a given name, in upper or lower case: database, schema and name of each. -#}
{% macro default__tables_named(name) %}
    {{ return(run_query(
        "select table_catalog, table_schema, table_name from information_schema.tables"
        ~ " where lower(table_catalog) = lower('" ~ (var('raw_database', none) or target.database) | replace("'", "''")
        ~ "') and lower(table_schema) = lower('" ~ var('raw_schema') | string | replace("'", "''")
        ~ "') and lower(table_name) = lower('" ~ name | replace("'", "''") ~ "')"
    ).rows) }}
{% endmacro %}


{#- A release may change the keys that rows are looked up by. -#}
{% macro default__engine_release() %}
    {{ return(run_query('select version()').rows[0][0]) }}
{% endmacro %}


{#- The suffix `without time zone` is removed, because a timestamp has no zone anyway. -#}
{% macro default__raw_column_types(relation) %}
    {% set types = {} %}
    {% for column in adapter.get_columns_in_relation(relation) %}
        {% do types.update({column.name | lower: column.dtype | lower | replace(' without time zone', '')}) %}
    {% endfor %}
    {{ return(types) }}
{% endmacro %}


{% macro default__raw_files_relation(name) %}
    {{ exceptions.raise_compiler_error(
        "raw_files reads files on DuckDB only. On " ~ target.type ~ ", load the raw tables into a schema and name it with raw_schema."
    ) }}
{% endmacro %}


{% macro default__webhook_files_relation(variable) %}
    {{ exceptions.raise_compiler_error(
        variable ~ " reads files on DuckDB only. On " ~ target.type ~ ", load the events into a table, an event's JSON in each row."
    ) }}
{% endmacro %}


{#- Only DuckDB's file is published; servers are read in place. -#}
{% macro default__forget_tested_build() %}{% endmacro %}


{% macro default__note_tested_build(results) %}{% endmacro %}


{% macro default__by_code_point(expression) -%}
    {{ expression }}
{%- endmacro %}


{% macro default__lower_case(expression) -%}
    lower({{ expression }})
{%- endmacro %}


{% macro default__trimmed(expression) -%}
    trim(both {{ white_space() }} from {{ expression }})
{%- endmacro %}


{% macro default__normalised_name(expression) -%}
    regexp_replace({{ trimmed(lower_case(expression)) }}, '[' || {{ white_space() }} || ']+', ' ', 'g')
{%- endmacro %}


{% macro default__last_character(expression) -%}
    right({{ expression }}, 1)
{%- endmacro %}


{% macro default__has_form(expression, pattern) -%}
    {{ expression }} ~ '^(?:{{ pattern }})$'
{%- endmacro %}


{% macro default__instant_to_utc(expression) -%}
    {{ expression }} at time zone 'UTC'
{%- endmacro %}


{% macro default__readable_timestamp_from_text(expression) -%}
    {{ readable_timestamp(timestamp_from_text(expression)) }}
{%- endmacro %}


{% macro default__period_start(expression) -%}
    {%- set day = dbt.date_trunc('day', expression) -%}
    case when extract(hour from {{ expression }}) < 12 then {{ day }} else {{ dbt.dateadd('hour', 12, day) }} end
{%- endmacro %}


{% macro default__edit_distance(left, right) -%}
    levenshtein({{ left }}, {{ right }})
{%- endmacro %}


{#-
    Schema names are public (SPEC: `marts`), so this project uses them exactly as written. A project that installed this
    one names its schemas by its own rule, or dbt's, though it dispatches dbt's macros to this project first.
-#}
{% macro default__generate_schema_name(custom_schema_name, node) -%}
    {%- if project_name != 'contact_scoring' -%}{{ return(dbt.default__generate_schema_name(custom_schema_name, node)) }}{%- endif -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
