{{ config(enabled=is_connected('hubspot')) }}
{%- set contact_list = source_table('hubspot', 'contact_list') %}
{%- set member = source_table('hubspot', 'contact_list_member') %}

with

lists as (

    select
        {{ raw_text(contact_list, 'id') }} as list_id,
        {{ raw_boolean(contact_list, '_fivetran_deleted') }} as is_deleted,
        {{ raw_timestamp(contact_list, '_fivetran_synced') }} as synced_at
    from {{ contact_list.relation }}

),

members as (

    select
        {{ raw_text(member, 'contact_list_id') }} as list_id,
        {{ raw_text(member, 'contact_id') }} as contact_id,
        {{ raw_timestamp(member, 'added_at') }} as added_at,
        {{ raw_boolean(member, '_fivetran_deleted') }} as is_deleted,
        {{ raw_timestamp(member, '_fivetran_synced') }} as synced_at
    from {{ member.relation }}

)

select
    members.list_id,
    members.contact_id,
    members.added_at,
    case
        when members.is_deleted then members.synced_at
        when lists.is_deleted then lists.synced_at
    end as removed_at
from members
left join lists on members.list_id = lists.list_id
