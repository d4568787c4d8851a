{% macro duckdb__check_engine() %}{% endmacro %}


{#-
    As many threads as there are cores: with twice as many, an evaluation took an eighth longer. No more than 4, for each
    takes memory. Settings in profiles.yml cannot ask for the cores.
-#}
{% macro duckdb__limit_threads() -%}
    {%- set given = env_var('CONTACT_SCORING_THREADS', '') | trim -%}
    {%- if given and not (given.isdecimal() and given | int > 0) -%}
        {% do exceptions.raise_compiler_error(
            'CONTACT_SCORING_THREADS is "' ~ given ~ '". Set it to a whole number of threads, such as 2.'
        ) %}
    {%- endif -%}
    set threads = {{ given or "least(4, current_setting('threads'))" }}
{%- endmacro %}


{#- Sums are of 38 digits. DuckDB rounds those of 18 eleven times as fast, and few sums need more. -#}
{% macro duckdb__rounded_points(points) -%}
    case
        when {{ points }} between -999999999999 and 999999999999
            then cast(round(cast({{ points }} as decimal(18, 6)), 2) as decimal(18, 2))
        else cast(round({{ points }}, 2) as decimal(18, 2))
    end
{%- endmacro %}


{#-
    Replaces dbt-duckdb's own, which lets DuckDB guess the quote character. If no cell of the file is in double quotes,
    a match_value of '50%' would lose its single quotes.
-#}
{% macro duckdb__load_csv_rows(model, agate_table) %}
    {% set statement %}
        copy {{ this }} from '{{ adapter.get_seed_file_path(model) | replace("'", "''") }}'
        (format csv, header true, delimiter '{{ config.get('delimiter', ',') }}', quote '"', escape '"')
    {% endset %}
    {% do adapter.add_query(statement, abridge_sql_log=True) %}
    {{ return(statement) }}
{% endmacro %}


{#-
    Replaces dbt's own for files of rules. It knows a column only by its exact name, so it would guess the type of a
    column in capitals, and take a match_value of 007 for 7.
-#}
{% macro duckdb__create_csv_table(model, agate_table) %}
    {% if model.name not in contact_scoring.config_columns() %}{{ return(default__create_csv_table(model, agate_table)) }}{% endif %}
    {% set columns = [] %}
    {% for name in agate_table.column_names %}{% do columns.append('"' ~ name | replace('"', '""') ~ '" text') %}{% endfor %}
    {% set create_table = 'create table ' ~ this ~ ' (' ~ columns | join(', ') ~ ')' %}
    {% call statement('_') %}{{ create_table }}{% endcall %}
    {{ return(create_table) }}
{% endmacro %}


{#-
    Replaces dbt's own, which compares types as they are written. dbt 2 writes those of a query in a way of its own
    (datetime, decimal(18, 2)), and took every second build for one with other columns.
-#}
{% macro duckdb__diff_column_data_types(source_columns, target_columns) %}
    {% set changes = [] %}
    {% for source in source_columns %}
        {% for target in target_columns if target.name == source.name and contact_scoring.duckdb__plain_type(source) != contact_scoring.duckdb__plain_type(target) %}
            {% do changes.append({'column_name': target.name, 'new_type': source.expanded_data_type}) %}
        {% endfor %}
    {% endfor %}
    {{ return(changes) }}
{% endmacro %}


{% macro duckdb__plain_type(column) %}
    {{ return(column.expanded_data_type | lower | replace(' ', '') | replace('datetime', 'timestamp')) }}
{% endmacro %}


{#- hash() differs between releases of DuckDB, which is why read_under() includes the release. -#}
{% macro duckdb__lookup_key(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}


{#- dbt's own function lists the fields of a struct instead of the column. -#}
{% macro duckdb__raw_column_types(relation) %}
    {% set types = {} %}
    {% for column in run_query('describe select * from ' ~ relation).rows %}
        {% do types.update({column[0] | lower: column[1] | lower}) %}
    {% endfor %}
    {{ return(types) }}
{% endmacro %}


{#- A folder `contact_id=9` names a column if it is inside the table's folder, and nothing if it is above it. -#}
{% macro duckdb__raw_files_relation(name) %}
    {% set file = raw_file(name) %}
    {% if file is none %}{{ return(none) }}{% endif %}
    {% set options = 'union_by_name = true' %}
    {% if '/**/' not in file.path or '=' in raw_folder() %}
        {% set options = options ~ ', hive_partitioning = false' %}
    {% endif %}
    {% if file.format == 'parquet' %}
        {{ return("read_parquet('" ~ file.path ~ "', " ~ options ~ ")") }}
    {% endif %}
    {{ return("read_csv('" ~ file.path ~ "', all_varchar = true, " ~ csv_options() ~ ", " ~ options ~ ")") }}
{% endmacro %}


{#- A file holds objects or lists of them, one or several, in whatever lines. The reader's own error names the file and no value. -#}
{% macro duckdb__webhook_files_relation(variable) %}
    {% set folder = raw_folder_pattern(variable) %}
    {% set found = [] %}
    {% for ending in ['json', 'jsonl', 'ndjson', 'json.gz', 'jsonl.gz', 'ndjson.gz'] %}
        {% set pattern = "'" ~ folder ~ '/**/*.' ~ ending ~ "'" %}
        {% do found.append(pattern) if run_query('select 1 from glob(' ~ pattern ~ ') limit 1').rows %}
    {% endfor %}
    {% if not found %}
        {{ exceptions.raise_compiler_error(variable ~ ': there is no .json or .jsonl file in the folder ' ~ raw_folder(variable) ~ '.') }}
    {% endif %}
    {{ return(
        "(select unnest(case when json_type(json) = 'ARRAY' then from_json(json, '[\"json\"]') else [json] end) as payload"
        ~ ' from read_json_objects([' ~ found | join(', ') ~ "], format = 'unstructured')) as posts"
    ) }}
{% endmacro %}


{% macro duckdb__forget_tested_build() %}
    {% if execute and flags.WHICH in ['build', 'run', 'seed'] and target.name != 'preview' %}
    drop table if exists points.tested_evaluation;
    {{ 'drop table if exists points.tested_build' if writes_scores() }}
    {% endif %}
{% endmacro %}


{% macro duckdb__note_tested_build(results) %}
    {% if not execute or flags.WHICH != 'build' or flags.EMPTY or target.name == 'preview' %}{{ return('') }}{% endif %}
    {% set marts, evaluation = tested_marts(results, of_evaluation=false), tested_marts(results, of_evaluation=true) %}
    {% if marts and writes_scores() %}
    create table points.tested_build as
    select
        {{ as_of() }} as as_of,
        {{ is_demo() }} as is_demo,
        {# other tables in the schema are not from this build and were not tested #}
        '{{ marts | sort | join(' ') }}' as marts;
    {% endif %}
    {% if evaluation %}
    create table points.tested_evaluation as
    select '{{ evaluation | sort | join(' ') }}' as marts
    {% endif %}
{% endmacro %}


{% macro duckdb__instant_to_utc(expression) -%}
    make_timestamp(epoch_us({{ expression }}))
{%- endmacro %}


{% macro duckdb__timestamp_from_text(expression) -%}
    {%- set text = time_in_capitals(expression) -%}
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


{#- Text that is no JSON has no values: reading one from it would stop the build. -#}
{% macro duckdb__json_text(column, key) -%}
    case when json_valid(cast({{ column }} as varchar)) then json_extract_string({{ column }}, '$."{{ key }}"') end
{%- endmacro %}


{% macro duckdb__seconds_to_utc(expression) -%}
    make_timestamp(1000000 * {{ expression }})
{%- endmacro %}
