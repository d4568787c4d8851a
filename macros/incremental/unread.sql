{#- Since when a row of an event table must have been received to be read again, as a literal; none: since ever. -#}
{% macro due_since(source, last_build) %}
    {% set read_until = last_build.tables[source].read_until %}
    {% if not read_until %}{{ return(none) }}{% endif %}
    {{ return("timestamp '" ~ (read_until - modules.datetime.timedelta(days=var('late_load_days'))) ~ "'") }}
{% endmacro %}


{#- A condition on event_rows: the rows that may have come in since the last complete build. -#}
{% macro is_due(source, last_build) -%}
    {%- set since = due_since(source, last_build) -%}
    source = '{{ source }}'
    {%- if since %}
    and (received_at >= {{ since }} or not has_received_at)
    -- the same for a file reader, to which an unreadable time is one before the year 1
    and (received_at_as_read >= {{ since }} or received_at_as_read is null or received_at_as_read < timestamp '0001-01-01')
    {%- endif %}
{%- endmacro %}


{#- The same rows where they were read before, as two selects that each leave out whole parts of the table. -#}
{% macro known_row_keys(read_events, source, last_build) -%}
    {%- set since = due_since(source, last_build) -%}
    select {{ row_key() }} as row_key
    from {{ read_events }}
    where source = '{{ source }}'
    {%- if since %}
    and has_received_at
    and received_at >= {{ since }}

    union all

    select {{ row_key() }} as row_key
    from {{ read_events }}
    where source = '{{ source }}' and not has_received_at
    {%- endif %}
{%- endmacro %}
