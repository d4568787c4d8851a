{{ config(enabled=is_connected('marketo')) }}
{%- set static_list = source_table('marketo', 'list') %}
{%- set program = source_table('marketo', 'program') %}

{% for kind, listed in [('list', static_list), ('program', program)] %}
select
    '{{ kind }}' as source_table,
    '{{ kind }} ' || {{ raw_text(listed, 'id') }} as list_id,
    {{ raw_text(listed, 'name') }} as list_name,
    {{ is_gone(listed) }} as is_deleted,
    {{ raw_timestamp(listed, '_fivetran_synced') }} as synced_at
from {{ listed.relation }}
{{ 'union all' if not loop.last }}
{% endfor %}
