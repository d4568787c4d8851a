{#-
    The columns that all three event tables share once they are united, after source, actor_type and actor; those
    that a table does not have are null there.
-#}
{% macro event_columns() -%}
    event_id,
        event_type,
        occurred_at,
        coalesce(received_at, occurred_at) as received_at,
        received_at is not null as has_received_at,
        received_at_as_read,
        occurred_at_as_read,
        {%- for column in optional_event_columns() %}
        {{ kwargs[column] or no_text() }} as {{ column }},
        {%- endfor %}
        {{ kwargs['is_flagged_machine'] or 'false' }} as is_flagged_machine
{%- endmacro %}


{#- The optional text columns of the event tables, in the order in which two copies of an event are compared. -#}
{% macro optional_event_columns() %}
    {{ return([
        'page_url', 'email_click_event_id', 'email_address', 'message_id', 'campaign_id', 'link_url', 'detail', 'user_agent',
    ]) }}
{% endmacro %}


{#- What is kept of a raw event row, but for what became of it. -#}
{% macro read_event_columns() %}
    {{ return(
        ['source', 'event_id', 'event_type', 'actor_type', 'actor', 'occurred_at', 'received_at', 'has_received_at', 'occurred_at_as_read']
        + optional_event_columns() + ['is_flagged_machine', 'reject_reason', 'references_key']
    ) }}
{% endmacro %}


{#- What says of an engagement whether it is a machine's or a repeat. -#}
{% macro marked_by_columns() %}
    {{ return([
        'source', 'event_id', 'event_key', 'event_type', 'actor_type', 'actor', 'occurred_at', 'period_start', 'received_at',
        'message_id', 'link_url', 'user_agent', 'is_flagged_machine',
    ]) }}
{% endmacro %}


{#- What is looked up of a raw event row by, beside its key. -#}
{% macro derived_event_columns() -%}
    {{ period_start('occurred_at') }} as period_start,
        case when message_id is not null then {{ lookup_key(['actor', 'message_id']) }} end as message_key
{%- endmacro %}


{#-
    Tells one raw event row from another, before and after the e-mail address and the click that it names were
    forgotten, because they were a deleted contact's.
-#}
{% macro row_key() -%}
    {{ lookup_key(read_event_columns() | reject('in', ['email_click_event_id', 'email_address', 'actor_type']) | list) }}
{%- endmacro %}
