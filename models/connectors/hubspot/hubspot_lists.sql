{{ config(enabled=is_connected('hubspot')) }}
{%- set contact_list = source_table('hubspot', 'contact_list') %}

select
    {{ raw_text(contact_list, 'id') }} as list_id,
    {{ raw_text(contact_list, 'name') }} as list_name
from {{ contact_list.relation }}
