{#- Which of the five inputs is in use: `demo`, `files`, `schema`, `models`, or `connectors`, beside which models may stand. -#}
{% macro raw_input() %}
    {% if var('raw_files', none) %}{{ return('files') }}{% endif %}
    {% if var('raw_schema', none) %}{{ return('schema') }}{% endif %}
    {% if var('connectors', none) %}{{ return('connectors') }}{% endif %}
    {{ return('models' if var('raw_models', none) else 'demo') }}
{% endmacro %}


{#-
    Whether the scores are the demo's, or those of input that was declared an example. Nothing else identifies an
    example: it comes from a folder like other exports, often the folder that one's own exports go to later. Forgetting
    history whenever the place changes would lose it for somebody who moves from files to a warehouse.
-#}
{% macro is_demo() %}
    {{ return(raw_input() == 'demo' or var('is_example')) }}
{% endmacro %}


{#-
    The folder that a variable names. A relative one is taken from the project root, wherever dbt is started. dbt 2 does not say
    where that is if it is started there, but where profiles.yml is. The path is a whole one, because views hold it.
-#}
{% macro raw_folder(variable='raw_files') %}
    {% set folder = (var(variable) | string).rstrip('/') %}
    {% set root = invocation_args_dict.project_dir or flags.PROFILES_DIR %}
    {% if folder.startswith('/') %}{{ return(folder) }}{% endif %}
    {% if not root %}
        {{ exceptions.raise_compiler_error(
            variable ~ ": dbt does not say where the folder '" ~ folder ~ "' is. Name it from / on, or set DBT_PROFILES_DIR to the project's folder."
        ) }}
    {% endif %}
    {{ return(root ~ '/' ~ folder) }}
{% endmacro %}


{#-
    The same folder, for use inside a SQL literal that names files. There, `[`, `*` and `?` would be wildcards, and a
    `\` matches nothing, however it is written.
-#}
{% macro raw_folder_pattern(variable='raw_files') %}
    {{ return(raw_folder(variable).replace('[', '[[]').replace('*', '[*]').replace('?', '[?]').replace('\\', '?').replace("'", "''")) }}
{% endmacro %}


{#-
    Where the raw tables are, in words: the folder, the schema, the connectors, or the variable that names models. An
    example is marked as such, so that it does not pass for other input that later comes to the same folder or schema.
-#}
{% macro raw_place() %}
    {% set place = (
        'the folder ' ~ raw_folder() if raw_input() == 'files'
        else 'the schema ' ~ (var('raw_database') ~ '.' if var('raw_database', none) else '') ~ var('raw_schema') if raw_input() == 'schema'
        else 'connectors: ' ~ var('connectors') | sort | join(', ') ~ (' and raw_models' if var('raw_models', none) else '') if raw_input() == 'connectors'
        else 'raw_models' if raw_input() == 'models'
        else 'the demo'
    ) %}
    {{ return(place ~ (' (an example)' if var('is_example') else '')) }}
{% endmacro %}


{#- The raw tables in the contract's order, with the columns that each must have. -#}
{% macro required_columns() %}
    {{ return({
        'contacts': ['contact_id', 'email_address'],
        'identities': ['identity_type', 'identity_value', 'contact_id'],
        'email_events': ['event_id', 'event_type', 'occurred_at', 'email_address'],
        'web_events': ['event_id', 'event_type', 'occurred_at', 'visitor_id'],
        'activities': ['event_id', 'event_type', 'occurred_at', 'contact_id'],
        'consents': ['visitor_id', 'is_granted', 'decided_at'],
        'lists': ['list_id'],
        'list_memberships': ['list_id', 'contact_id'],
        'attributes': ['contact_id', 'attribute_name', 'attribute_value'],
    }) }}
{% endmacro %}


{#- All columns of the raw tables, in the contract's order. -#}
{% macro raw_columns() %}
    {{ return({
        'contacts': [
            'contact_id', 'email_address', 'full_name', 'company_name', 'job_title', 'country', 'phone', 'owner', 'account_id',
            'created_at', 'updated_at', 'merged_into_contact_id', 'deleted_at',
        ],
        'identities': ['identity_type', 'identity_value', 'contact_id', 'linked_at'],
        'email_events': [
            'event_id', 'event_type', 'occurred_at', 'email_address', 'contact_id', 'received_at', 'message_id', 'campaign_id',
            'link_url', 'user_agent', 'is_machine',
        ],
        'web_events': [
            'event_id', 'event_type', 'occurred_at', 'visitor_id', 'received_at', 'page_url', 'email_click_event_id', 'email_address',
            'user_agent',
        ],
        'activities': ['event_id', 'event_type', 'occurred_at', 'contact_id', 'received_at', 'detail'],
        'consents': ['visitor_id', 'is_granted', 'decided_at'],
        'lists': ['list_id', 'list_name'],
        'list_memberships': ['list_id', 'contact_id', 'added_at', 'removed_at'],
        'attributes': ['contact_id', 'attribute_name', 'attribute_value', 'updated_at'],
    }) }}
{% endmacro %}


{#- The columns of raw tables that hold times. -#}
{% macro time_columns() %}
    {{ return({
        'contacts': ['created_at', 'updated_at', 'deleted_at'],
        'identities': ['linked_at'],
        'email_events': ['occurred_at', 'received_at'],
        'web_events': ['occurred_at', 'received_at'],
        'activities': ['occurred_at', 'received_at'],
        'consents': ['decided_at'],
        'list_memberships': ['added_at', 'removed_at'],
        'attributes': ['updated_at'],
    }) }}
{% endmacro %}


{#- The columns of contacts that a fit rule may look at by name. -#}
{% macro contact_fields() %}
    {{ return(['job_title', 'country', 'company_name', 'owner', 'phone', 'full_name']) }}
{% endmacro %}


{#- What a fit rule may look at, other than the attributes of the raw table `attributes`; as a list of SQL literals. -#}
{% macro known_attributes() -%}
    '{{ (contact_fields() + ['email_domain', 'list']) | join("', '") }}'
{%- endmacro %}


{#- The columns of raw tables that hold ids. -#}
{% macro id_columns() %}
    {{ return([
        'contact_id', 'merged_into_contact_id', 'account_id', 'identity_value', 'event_id', 'message_id', 'campaign_id', 'visitor_id',
        'email_click_event_id', 'list_id',
    ]) }}
{% endmacro %}
