{#-
    The columns that all three event tables share once they are united, after source, actor_type and actor. Columns that
    a table does not have are null.
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


{#- The optional text columns of the event tables, in the order used to compare two copies of an event. -#}
{% macro optional_event_columns() %}
    {{ return([
        'page_url', 'email_click_event_id', 'email_address', 'message_id', 'campaign_id', 'link_url', 'detail', 'user_agent',
    ]) }}
{% endmacro %}


{#- The columns that the log keeps of a raw row, as they were read. -#}
{% macro logged_columns() %}
    {{ return(
        ['source', 'event_id', 'event_type', 'actor_type', 'actor', 'occurred_at', 'received_at', 'has_received_at', 'occurred_at_as_read']
        + optional_event_columns() + ['is_flagged_machine', 'reject_reason', 'row_key', 'event_key', 'actor_key', 'action_key', 'typed_key']
    ) }}
{% endmacro %}


{#-
    Tells raw rows apart. Identical rows share the key. They are then copies, of which at most one counts, or all
    rejected, or all of one actor.
-#}
{% macro row_key() -%}
    {{ lookup_key(logged_columns() | reject('in', ['row_key', 'event_key', 'actor_key', 'action_key', 'typed_key']) | list) }}
{%- endmacro %}


{#-
    Why an event of the log counts as a machine's; null for a person's. The query must join machine_user_agents and
    machine_clicks under these names.
-#}
{% macro machine_reason() -%}
    case
            when event_log.is_flagged_machine then 'flagged'
            when machine_user_agents.user_agent is not null then 'user_agent'
            else machine_clicks.machine_reason
        end
{%- endmacro %}


{#- The order of copies of an event. The first one counts. An e-mail event with an address comes before one without. -#}
{% macro order_of_copies() -%}
    received_at, occurred_at, event_type, actor_type desc, actor
                {%- for column in optional_event_columns() %}, {{ column }} nulls last{% endfor -%}
                , is_flagged_machine
{%- endmacro %}


{#-
    The key of the actor that an event of the log belongs to. A web event with an address that belongs to somebody is
    theirs, whoever else uses the visitor. Null if the visitor did not consent. The query must join `typed_owners`, by
    typed_key, and `visitor_consents`.
-#}
{% macro owner_key() -%}
    case
            when typed_owners.actor_key is null then event_log.actor_key
            when {{ is_consented('visitor_consents.is_granted') }} then event_log.typed_key
        end
{%- endmacro %}


{#-
    Whether an event is of the contact's current address: it names the address, or it is an e-mail event without one. The
    query must join `event` and `contact` under these names.
-#}
{% macro is_of_address(event, contact) -%}
    ({{ event }}.actor_key = {{ contact }}.address_key or ({{ event }}.source = 'email_events' and {{ event }}.actor_type = 'contact'))
{%- endmacro %}


{#- The columns that nearly always tell the copies of an event apart. -#}
{% macro columns_of_copies() %}
    {{ return(['source', 'event_id', 'event_type', 'event_key', 'actor_key', 'row_key', 'received_at', 'occurred_at']) }}
{% endmacro %}
