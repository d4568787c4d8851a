{#- The columns of the log, in its order. -#}
{% macro log_columns() %}
    {{ return(
        ['log_id'] + logged_columns()
        + ['is_later_copy', 'is_earlier_copy', 'is_known_action', 'is_earlier_action', 'row_key', 'is_erased', 'was_engagement', 'read_under']
    ) }}
{% endmacro %}


{#- What the log keeps of a row of a deleted contact: when it was received, and keys that name nobody. -#}
{% macro erased_columns() -%}
    {%- set kept = [
        'log_id', 'source', 'received_at', 'has_received_at', 'event_key', 'is_later_copy', 'is_earlier_copy', 'read_under',
    ] -%}
    {%- set given = {
        'is_flagged_machine': 'false', 'reject_reason': "'erased'", 'is_known_action': 'false', 'is_earlier_action': 'false',
        'row_key': 'coalesce(row_key, ' ~ row_key() ~ ')', 'is_erased': 'true', 'was_engagement': 'is_engagement',
        'occurred_at': 'cast(null as ' ~ dbt.type_timestamp() ~ ')', 'actor_key': empty_key(), 'action_key': empty_key(),
    } -%}
    {%- for column in log_columns() %}
    {{ column if column in kept else given.get(column, no_text()) ~ ' as ' ~ column }}
    {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#- Another person's row without what it says of a deleted contact. -#}
{% macro unnamed_columns() -%}
    {%- set given = {
        'row_key': 'coalesce(row_key, ' ~ row_key() ~ ')',
        'email_click_event_id': 'case when not names_click then email_click_event_id end',
        'email_address': 'case when not names_address then email_address end',
    } -%}
    {%- for column in log_columns() %}
    {{ given[column] ~ ' as ' ~ column if column in given else column }}
    {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#-
    Puts the rows of erased_rows in the place of those that the log has. Where an engine does not do both or neither, and
    stops in between, the rows are read and erased again by the next build.
-#}
{% macro replace_erased_rows(erased_rows) %}
    {% set event_log = ref('event_log') %}
    {% if not execute or target.name == 'preview' or not run_query('select 1 from ' ~ erased_rows ~ ' limit 1').rows %}
        {{ return('') }}
    {% endif %}
    {% set columns = log_columns() | join(', ') %}
    {% do run_statement('delete from ' ~ event_log ~ ' where log_id in (select log_id from ' ~ erased_rows ~ ')') %}
    {% do run_statement('insert into ' ~ event_log ~ ' (' ~ columns ~ ') select ' ~ columns ~ ' from ' ~ erased_rows) %}
{% endmacro %}
