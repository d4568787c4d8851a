{#-
    One raw table, wherever it is: `relation` to select from, and `types`, its columns (in lower case) with their types.
    A table that is absent, or an empty file, has no columns and no rows.
-#}
{% macro raw_table(name) %}
    {% if raw_input() == 'demo' and not is_root_project() %}
        {{ exceptions.raise_compiler_error(
            'No raw table is named. Under vars: contact_scoring: in dbt_project.yml, name your models'
            ~ ' (raw_models: {contacts: ..., email_events: ...}), the schema that they are in (raw_schema) or the tools that'
            ~ ' they come from (connectors).'
        ) }}
    {% elif raw_input() == 'demo' %}
        {#- `dbt compile` may run before the seeds exist -#}
        {% set relation = ref(name) if not execute or load_relation(ref(name)) else none %}
    {% elif name == 'web_events' and not var('website_tracking') %}
        {{ return(absent_table()) }}
    {% elif raw_input() == 'files' %}
        {% set relation = raw_files_relation(name) if execute %}
    {% elif raw_input() in ['connectors', 'models'] %}
        {% set relation = load_relation(ref('united_' ~ name)) if connectors_of(name) else raw_model(name) %}
    {% else %}
        {#- only for the lineage; the actual name of the table, in whatever case, is looked up -#}
        {% do source('raw', name) %}
        {% set relation = raw_schema_relation(name) if execute %}
    {% endif %}

    {{ return(known_table(relation)) }}
{% endmacro %}


{#- A relation with the types of its columns. -#}
{% macro known_table(relation) %}
    {% set types = raw_column_types(relation) if execute and relation else {} %}
    {# the name that a reader gives to the column of an empty file #}
    {{ return({'relation': relation, 'types': types} if types and types.keys() | list != ['column0'] else absent_table()) }}
{% endmacro %}


{#- The table of the model that `raw_models` names for a raw table; none if it names none. -#}
{% macro raw_model(name) %}
    {% set model = (var('raw_models', none) or {}).get(name) %}
    {{ return(load_relation(ref(project_name, model)) if model else none) }}
{% endmacro %}


{% macro absent_table() %}
    {{ return({'relation': '(select 1 as no_column where false) as absent', 'types': {}}) }}
{% endmacro %}


{#- The table or view of `raw_schema`, whatever the case of its name; none if there is none. -#}
{% macro raw_schema_relation(name) %}
    {% set name = var('raw_identifiers').get(name, name) %}
    {% set found = adapter.dispatch('tables_named', 'contact_scoring')(name) %}
    {% if found | length > 1 %}
        {{ exceptions.raise_compiler_error(
            'raw_schema: the table ' ~ name ~ ' is there ' ~ found | length ~ ' times, in different case. Keep one of them.'
        ) }}
    {% endif %}
    {{ return(
        api.Relation.create(database=found[0][0], schema=found[0][1], identifier=found[0][2]) if found else none
    ) }}
{% endmacro %}


{% macro raw_column_types(relation) %}
    {{ return(adapter.dispatch('raw_column_types', 'contact_scoring')(relation)) }}
{% endmacro %}


{#- What to select from for `raw_files`: a table function over the files, or none if there is no file. -#}
{% macro raw_files_relation(name) %}
    {{ return(adapter.dispatch('raw_files_relation', 'contact_scoring')(name)) }}
{% endmacro %}


{#-
    Leaves nothing to guess. Without `skip` and `comment`, the reader silently skips the lines above a longer one, and
    lines that begin with #.
-#}
{% macro csv_options() %}
    {{ return(
        "header = true, delim = ',', quote = '\"', escape = '\"', skip = 0, comment = ''"
    ) }}
{% endmacro %}


{#- The file or pattern of files of a raw table, for use inside a SQL literal; none if there is no file. -#}
{% macro raw_file(name) %}
    {% set folder = raw_folder_pattern() %}
    {% set found = [] %}
    {% for format in ['parquet', 'csv'] %}
        {% for pattern in [name ~ '.' ~ format, name ~ '/**/*.' ~ format] %}
            {% set path = folder ~ '/' ~ pattern %}
            {% if run_query("select 1 from glob('" ~ path ~ "') limit 1").rows %}
                {% do found.append({'format': format, 'path': path}) %}
            {% endif %}
        {% endfor %}
    {% endfor %}

    {% if found | length > 1 %}
        {{ exceptions.raise_compiler_error(
            "raw_files: the table " ~ name ~ " is there twice: " ~ found | map(attribute='path') | join(' and ')
            ~ ". Keep one of them."
        ) }}
    {% endif %}
    {{ return(found[0] if found else none) }}
{% endmacro %}
