{#- Which of the three inputs is in use: `demo`, `files` or `schema`. -#}
{% macro raw_input() %}
    {{ return('files' if var('raw_files', none) else 'schema' if var('raw_schema', none) else 'demo') }}
{% endmacro %}


{#- The folder of `raw_files`; a relative one is taken from the project root, wherever dbt is started from. -#}
{% macro raw_folder() %}
    {% set folder = (var('raw_files') | string).rstrip('/') %}
    {{ return(folder if folder.startswith('/') else invocation_args_dict.project_dir ~ '/' ~ folder) }}
{% endmacro %}


{#-
    The same as the inside of a SQL literal that names files: there `[`, `*` and `?` would stand for others, and a `\` for
    nothing, in whatever form it is written.
-#}
{% macro raw_folder_pattern() %}
    {{ return(modules.re.sub('([*?[])', '[\\1]', raw_folder()).replace('\\', '?').replace("'", "''")) }}
{% endmacro %}


{#- Where the raw tables are, in words: the folder, or the schema. -#}
{% macro raw_place() %}
    {{ return(
        'the folder ' ~ raw_folder() if raw_input() == 'files'
        else 'the schema ' ~ (var('raw_database') ~ '.' if var('raw_database', none) else '') ~ var('raw_schema') if raw_input() == 'schema'
        else 'the demo'
    ) }}
{% endmacro %}


{#- The raw tables in the order of the contract, with the columns that each must have. -#}
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
    }) }}
{% endmacro %}


{#- The columns of raw tables that hold times. -#}
{% macro time_columns() %}
    {{ return([
        'occurred_at', 'received_at', 'created_at', 'updated_at', 'deleted_at', 'linked_at', 'decided_at', 'added_at', 'removed_at',
    ]) }}
{% endmacro %}
