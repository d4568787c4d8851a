{#- Which of the three inputs is in use: `demo`, `files` or `schema`. -#}
{% macro raw_input() %}
    {{ return('files' if var('raw_files', none) else 'schema' if var('raw_schema', none) else 'demo') }}
{% endmacro %}


{#-
    Whether the scores are nobody's own: those of the demo, or of input that was said to be an example. Nothing else tells
    an example: it comes from a folder as other exports do, often from the one that one's own come into afterwards. And to
    forget a history whenever the place is another would lose that of somebody who moves from files to a warehouse.
-#}
{% macro is_demo() %}
    {{ return(raw_input() == 'demo' or var('is_example')) }}
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


{#- Where the raw tables are, in words: the folder, or the schema. An example's place is not that of what follows it there. -#}
{% macro raw_place() %}
    {% set place = (
        'the folder ' ~ raw_folder() if raw_input() == 'files'
        else 'the schema ' ~ (var('raw_database') ~ '.' if var('raw_database', none) else '') ~ var('raw_schema') if raw_input() == 'schema'
        else 'the demo'
    ) %}
    {{ return(place ~ (' (an example)' if var('is_example') else '')) }}
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
    {{ return({
        'contacts': ['created_at', 'updated_at', 'deleted_at'],
        'identities': ['linked_at'],
        'email_events': ['occurred_at', 'received_at'],
        'web_events': ['occurred_at', 'received_at'],
        'activities': ['occurred_at', 'received_at'],
        'consents': ['decided_at'],
        'list_memberships': ['added_at', 'removed_at'],
    }) }}
{% endmacro %}


{#- The columns of raw tables that hold ids. -#}
{% macro id_columns() %}
    {{ return([
        'contact_id', 'merged_into_contact_id', 'account_id', 'identity_value', 'event_id', 'message_id', 'campaign_id', 'visitor_id',
        'email_click_event_id', 'list_id',
    ]) }}
{% endmacro %}
