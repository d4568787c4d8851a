{#- The columns of the log, in order. -#}
{% macro log_columns() %}
    {{ return(
        logged_columns()
        + ['is_later_copy', 'is_earlier_copy', 'is_conflicting', 'is_known_action', 'is_earlier_action', 'is_unnamed', 'is_erased', 'was_engagement', 'read_under']
    ) }}
{% endmacro %}


{#-
    What the log keeps of a row of a deleted contact: when it was received, and keys that name nobody. Another person's
    row keeps everything except what it says about the deleted contact.
-#}
{% macro erased_columns() -%}
    {%- set kept = ['source', 'has_received_at', 'is_earlier_copy', 'is_conflicting', 'read_under'] -%}
    {%- set given = {
        'received_at': 'event_log.received_at',
        'is_later_copy': 'event_log.is_later_copy',
        'row_key': 'event_log.row_key',
        'event_key': 'event_log.event_key',
        'is_flagged_machine': 'not is_own and is_flagged_machine',
        'reject_reason': "case when is_own then 'erased' else reject_reason end",
        'is_known_action': 'not is_own and is_known_action',
        'is_earlier_action': 'not is_own and is_earlier_action',
        'is_unnamed': 'not is_own',
        'is_erased': 'is_own',
        'was_engagement': 'is_engagement',
        'email_click_event_id': no_text(),
    } -%}
    {%- for column in log_columns() %}
    {{ column if column in kept else given.get(column, 'case when not is_own then ' ~ column ~ ' end') ~ ' as ' ~ column }}
    {{- ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}


{#-
    Replaces rows of the log with those of erased_rows. If an engine does not do both statements or neither, and stops
    in between, the next build reads and erases the rows again.
-#}
{% macro replace_erased_rows(erased_rows) %}
    {% set event_log = ref('event_log') %}
    {% if not execute or target.name == 'preview' or not run_query('select 1 from ' ~ erased_rows ~ ' limit 1').rows %}
        {{ return('') }}
    {% endif %}
    {% set columns = log_columns() | join(', ') %}
    {% do run_statement('delete from ' ~ event_log ~ ' where not is_erased and row_key in (select row_key from ' ~ erased_rows ~ ')') %}
    {% do run_statement('insert into ' ~ event_log ~ ' (' ~ columns ~ ') select ' ~ columns ~ ' from ' ~ erased_rows) %}
{% endmacro %}
