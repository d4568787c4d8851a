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


{#- What the log keeps of a raw row as it was read. -#}
{% macro logged_columns() %}
    {{ return(
        ['source', 'event_id', 'event_type', 'actor_type', 'actor', 'occurred_at', 'received_at', 'has_received_at', 'occurred_at_as_read']
        + optional_event_columns() + ['is_flagged_machine', 'reject_reason', 'row_key', 'event_key', 'actor_key', 'action_key']
    ) }}
{% endmacro %}


{#-
    Tells one raw row from another. Rows that are alike in all share it: then they are copies, of which one at most counts, or
    rejected, or all of one actor.
-#}
{% macro row_key() -%}
    {{ lookup_key(logged_columns() | reject('in', ['actor_type', 'row_key', 'event_key', 'actor_key', 'action_key']) | list) }}
{%- endmacro %}


{#- Why an event of the log is a machine's; null for a person's. The marks are joined to it as they are named here. -#}
{% macro machine_reason() -%}
    case
            when event_log.is_flagged_machine then 'flagged'
            when machine_user_agents.user_agent is not null then 'user_agent'
            when click_bursts.row_key is not null then 'click_burst'
        end
{%- endmacro %}


{#- Which of two copies of an event counts: the first in this order. -#}
{% macro order_of_copies() -%}
    received_at, occurred_at, event_type, actor
                {%- for column in optional_event_columns() %}, {{ column }} nulls last{% endfor -%}
                , is_flagged_machine
{%- endmacro %}
