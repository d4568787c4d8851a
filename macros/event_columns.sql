{#-
    The columns that all three event tables share once they are united, in the order in which two copies
    of an event are compared; those that a table does not have are null there.
-#}
{% macro event_columns() -%}
    event_id,
        event_type,
        occurred_at,
        coalesce(received_at, occurred_at) as received_at,
        occurred_at_as_read,
        {%- for column in [
            'visitor_id', 'contact_id', 'page_url', 'email_click_event_id', 'email_address', 'message_id',
            'campaign_id', 'link_url', 'detail', 'user_agent',
        ] %}
        {{ kwargs[column] or 'cast(null as ' ~ dbt.type_string() ~ ')' }} as {{ column }},
        {%- endfor %}
        {{ kwargs['is_flagged_machine'] or 'false' }} as is_flagged_machine
{%- endmacro %}
