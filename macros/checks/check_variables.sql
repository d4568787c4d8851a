{#- Stops the run on a variable that does not exist or whose value makes no sense, and on two dbt flags. -#}
{% macro check_variables() %}
    {% for flag in ['empty', 'sample'] if invocation_args_dict.get(flag) %}
        {{ exceptions.raise_compiler_error(
            '--' ~ flag ~ ' is of no use here: a score is of all of the rows. To try things on few, name a small folder by raw_files.'
        ) }}
    {% endfor %}

    {% set known = [
        'as_of', 'demo_as_of', 'raw_files', 'raw_schema', 'raw_database', 'raw_identifiers', 'raw_models', 'connectors',
        'salesforce_activity_types', 'segment_consent_category', 'segment_event_types', 'sendgrid_files', 'own_rules', 'website_tracking', 'require_consent', 'late_load_days',
        'machine_click_seconds', 'max_silence_hours', 'accept_raw_tables', 'is_example', 'evaluation_as_ofs', 'evaluation_step_days', 'evaluation_settle_days', 'evaluation_contacts',
    ] %}
    {% for connector, tables in connector_tables().items() %}
        {% do known.extend([connector ~ '_schema', connector ~ '_database', connector ~ '_identifiers']) %}
        {% do known.append(connector ~ '_attributes') if 'attributes' in tables %}
    {% endfor %}
    {% for name in invocation_args_dict.get('vars', {}) if name not in known and is_root_project() %}
        {{ exceptions.raise_compiler_error("There is no variable '" ~ name ~ "'. There are: " ~ known | join(', ') ~ ".") }}
    {% endfor %}

    {% for name in ['website_tracking', 'require_consent', 'accept_raw_tables', 'is_example', 'own_rules'] if var(name) is not boolean %}
        {{ exceptions.raise_compiler_error(name ~ ": '" ~ var(name) ~ "' is neither true nor false.") }}
    {% endfor %}

    {% set days = var('late_load_days') %}
    {% if days is boolean or days is not number or not 0 <= days <= 3650 %}
        {{ exceptions.raise_compiler_error("late_load_days: '" ~ days ~ "' is no number of days from 0 to 3650.") }}
    {% endif %}

    {% set seconds = var('machine_click_seconds') %}
    {% if seconds is boolean or seconds is not integer or not 0 <= seconds <= 3600 %}
        {{ exceptions.raise_compiler_error("machine_click_seconds: '" ~ seconds ~ "' is no whole number of seconds from 0 to 3600.") }}
    {% endif %}

    {% for name, least, most in [
        ('evaluation_as_ofs', 1, 366), ('evaluation_step_days', 1, 366), ('evaluation_settle_days', 0, 366),
        ('evaluation_contacts', 1, 100000000),
    ] %}
        {% set number = var(name) %}
        {% if number is boolean or number is not integer or not least <= number <= most %}
            {{ exceptions.raise_compiler_error(name ~ ": '" ~ number ~ "' is no whole number from " ~ least ~ " to " ~ most ~ ".") }}
        {% endif %}
    {% endfor %}

    {% set silence = var('max_silence_hours') %}
    {% if silence is not mapping %}
        {{ exceptions.raise_compiler_error("max_silence_hours: '" ~ silence ~ "' does not name event tables, as {email_events: 24} does.") }}
    {% endif %}
    {% for source, hours in silence.items() %}
        {% if source not in event_sources() %}
            {{ exceptions.raise_compiler_error(
                "max_silence_hours: there is no event table '" ~ source ~ "'. There are: " ~ event_sources() | join(', ') ~ "."
            ) }}
        {% elif hours is boolean or hours is not integer or not 1 <= hours <= 87600 %}
            {{ exceptions.raise_compiler_error("max_silence_hours: '" ~ hours ~ "' of " ~ source ~ " is no whole number of hours from 1 to 87600.") }}
        {% endif %}
    {% endfor %}

    {#- an unset shell variable must not replace somebody's scores with the demo's -#}
    {% for name in ['raw_files', 'raw_schema', 'raw_models', 'connectors'] if not var(name, 'left out') %}
        {{ exceptions.raise_compiler_error(name ~ " is set, but empty. Name the input, or leave " ~ name ~ " out for the demo.") }}
    {% endfor %}
    {% if is_root_project() and target.database in ['connectors', 'staging', 'engagement', 'points', 'marts', 'evaluation', 'demo', 'config', 'main', 'temp'] %}
        {{ exceptions.raise_compiler_error(
            "The database is called " ~ target.database ~ ", as a schema in it is. Give its file another name (CONTACT_SCORING_DB)."
        ) }}
    {% endif %}

    {% set inputs = [] %}
    {% for name in ['raw_files', 'raw_schema', 'raw_models', 'connectors'] if var(name, none) %}{% do inputs.append(name) %}{% endfor %}
    {% if inputs | length > 1 and inputs != ['raw_models', 'connectors'] %}
        {{ exceptions.raise_compiler_error(inputs[:2] | join(' and ') ~ " are both set. Name one input.") }}
    {% elif var('raw_database', none) and not var('raw_schema', none) %}
        {{ exceptions.raise_compiler_error("raw_database is set without raw_schema. Name the schema too.") }}
    {% endif %}
    {% for variable in ['raw_models', 'raw_identifiers'] if var(variable, none) %}
        {% if var(variable) is not mapping %}
            {{ exceptions.raise_compiler_error(variable ~ " does not name raw tables, as {contacts: crm_contacts} does.") }}
        {% endif %}
        {% for name in var(variable) if name not in required_columns() %}
            {{ exceptions.raise_compiler_error(
                variable ~ ": there is no raw table '" ~ name ~ "'. There are: " ~ required_columns() | join(', ') ~ "."
            ) }}
        {% endfor %}
    {% endfor %}
    {% if var('salesforce_activity_types', {}) is not mapping %}
        {{ exceptions.raise_compiler_error(
            'salesforce_activity_types does not say what types of tasks and events are, as {Demo: product_demo} does.'
        ) }}
    {% endif %}
    {% set named = var('connectors', none) or [] %}
    {% if named is string or named is mapping or named is not iterable %}
        {{ exceptions.raise_compiler_error("connectors: '" ~ named ~ "' is no list, as [" ~ connector_tables() | first ~ "] is.") }}
    {% endif %}
    {% for connector in named %}
        {% if connector not in connector_tables() %}
            {{ exceptions.raise_compiler_error(
                "connectors: there is no connector '" ~ connector ~ "'. There are: " ~ connector_tables() | join(', ') ~ "."
            ) }}
        {% elif named | select('equalto', connector) | list | length > 1 %}
            {{ exceptions.raise_compiler_error("connectors: " ~ connector ~ " is named twice.") }}
        {% endif %}
        {#- a table that a connector does not find counts as empty, so a misspelt one would lose rows unseen -#}
        {% set sources = graph.sources.values() if execute else [] %}
        {% set tables = sources | selectattr('source_name', 'equalto', connector) | map(attribute='name') | list %}
        {% for name in var(connector ~ '_identifiers', {}) if execute and name not in tables %}
            {{ exceptions.raise_compiler_error(
                connector ~ "_identifiers: the connector reads no table '" ~ name ~ "'. It reads: " ~ tables | sort | join(', ') ~ "."
            ) }}
        {% endfor %}
    {% endfor %}
    {% do as_of_text() %}
{% endmacro %}
