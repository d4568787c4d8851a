{{ config(enabled=is_connected('mailchimp')) }}

{% for name in ['list', 'segment'] %}
{%- set list = source_table('mailchimp', name) %}
select
    '{{ name }}' as source_table,
    {{ raw_text(list, 'id') }} as list_id,
    {{ raw_text(list, 'name') }} as list_name
from {{ list.relation }}
{{ 'union all' if not loop.last }}
{% endfor %}
