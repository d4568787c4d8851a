{#- The raw tables, by name. A build stops here if no score could be right. -#}
{% macro checked_raw_tables() %}
    {% set raw_tables, is_checked = {}, execute and flags.WHICH in ['build', 'run'] and raw_input() != 'demo' %}
    {% if is_checked and raw_input() == 'files' %}
        {% do check_csv_files() %}
        {% do check_parquet_files() %}
    {% endif %}
    {% for name in required_columns() %}{% do raw_tables.update({name: raw_table(name)}) %}{% endfor %}
    {% if is_checked %}
        {% do check_columns(raw_tables) %}
        {% do check_raw_volume(raw_tables) if not var('accept_raw_tables') %}
    {% endif %}
    {{ return(raw_tables) }}
{% endmacro %}


{#- Stops the build, in one message, if a raw table or one of its columns is missing, or cannot be read. -#}
{% macro check_columns(raw_tables) %}
    {% set where = 'in ' ~ raw_place() %}
    {% set types = {} %}
    {% for name, raw in raw_tables.items() %}{% do types.update({name: raw.types}) %}{% endfor %}
    {% set events = event_sources() %}
    {% set mistakes = [] %}

    {% set unread = unread_files(types) %}

    {% if unread %}
        {% for name, file in unread.items() %}
            {% do mistakes.append(
                'raw_files: ' ~ file ~ ' is not read. Name it ' ~ name ~ '.csv or ' ~ name ~ '.parquet, or put such files into a folder ' ~ name ~ '.'
            ) %}
        {% endfor %}
    {% elif types.values() | select | list | length == 0 %}
        {% set question = {
            'files': ' Does it exist, and are there files in it?', 'schema': ' Does it exist, and may this user read it?',
        }.get(raw_input(), '') %}
        {% do mistakes.append(
            'There is no raw table ' ~ where ~ '.' ~ question ~ ' Expected contacts and one of ' ~ events | join(', ') ~ '.'
        ) %}
    {% elif not types['contacts'] %}
        {% do mistakes.append(
            'The raw table contacts is missing, or empty without a header, ' ~ where ~ '. Scores need it.'
            ~ (' Add a connector that fills it, or name a model of yours by raw_models.' if raw_input() == 'connectors' else '')
        ) %}
    {% elif not (types['email_events'] or types['web_events'] or types['activities']) %}
        {% do mistakes.append('None of the raw tables ' ~ events | join(', ') ~ ' is ' ~ where ~ '. Scores need one of them.') %}
    {% endif %}

    {% for name in required_columns() if types[name] and missing_columns(name, types[name]) %}
        {% do mistakes.append(no_such_columns(name, types[name], where)) %}
    {% endfor %}

    {#- a list or a struct of times cannot be cast to a time -#}
    {% for name in types %}
        {% for column, type in types[name].items() if column in time_columns()[name] | default([]) and modules.re.search('\\]$|^(struct|map|union|array)', type) %}
            {% do mistakes.append(
                'The raw table ' ~ name ~ ' ' ~ where ~ ' has a column ' ~ column ~ ' of type ' ~ type | upper
                ~ '. It must be a timestamp, a date or a text: take one value out of it.'
            ) %}
        {% endfor %}
    {% endfor %}

    {#- two contacts whose ids lost their last digits would become one -#}
    {% for name in types %}
        {% for column, type in types[name].items() if column in id_columns() and type in floating_types() %}
            {% set limit = largest_exact(type) %}
            {% if run_query('select 1 from ' ~ raw_tables[name].relation ~ ' where abs(' ~ column ~ ') >= ' ~ limit ~ ' limit 1').rows %}
                {% do mistakes.append(
                    'The raw table ' ~ name ~ ' ' ~ where ~ ' has a column ' ~ column ~ ' of type ' ~ type | upper ~ ' with ids of '
                    ~ limit ~ ' or more, whose last digits are lost. Export it as text or as a whole number.'
                ) %}
            {% endif %}
        {% endfor %}
    {% endfor %}

    {% if mistakes %}{{ exceptions.raise_compiler_error(mistakes | join('\n')) }}{% endif %}
{% endmacro %}


{% macro no_such_columns(name, types, where) %}
    {{ return(
        'The raw table ' ~ name ~ ' ' ~ where ~ ' has no column ' ~ missing_columns(name, types) | join(', ')
        ~ '. It must have ' ~ required_columns()[name] | join(', ') ~ '.'
    ) }}
{% endmacro %}


{#- The required columns that a raw table lacks. An e-mail event may name a contact id in place of an address. -#}
{% macro missing_columns(name, columns) %}
    {% set missing = required_columns()[name] | reject('in', columns) | list %}
    {{ return(missing | reject('equalto', 'email_address') | list if name == 'email_events' and 'contact_id' in columns else missing) }}
{% endmacro %}


{#-
    For each absent raw table, the first file in the folder of raw_files that looks like it but has the wrong name, such
    as email_events.csv.gz.
-#}
{% macro unread_files(types) %}
    {% set found = {} %}
    {% if raw_input() != 'files' %}{{ return(found) }}{% endif %}

    {% set folder = raw_folder_pattern() %}
    {% set files = run_query(
        "select file from glob('" ~ folder ~ "/*') union all select file from glob('" ~ folder ~ "/*/*') order by file"
    ).columns[0].values() %}
    {% for name in types if not types[name] and (name != 'web_events' or var('website_tracking')) %}
        {% for file in files if name not in found %}
            {% set rest = file[raw_folder() | length + 1:] %}
            {% set called = modules.re.sub('[^a-z]', '', rest.split('.')[0] | lower) %}
            {% if called == name.replace('_', '') and rest not in [name ~ '.csv', name ~ '.parquet'] %}
                {% do found.update({name: file}) %}
            {% endif %}
        {% endfor %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
