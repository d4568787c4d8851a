{{ config(enabled=is_connected('marketo')) }}
{%- set list_membership = source_table('marketo', 'list_membership') %}
{%- set program_membership = source_table('marketo', 'program_membership') %}

with

members as (

    {% for kind, membership in [('list', list_membership), ('program', program_membership)] %}
    select
        '{{ kind }}_membership' as source_table,
        '{{ kind }} ' || {{ raw_text(membership, kind ~ '_id') }} as list_id,
        -- Fivetran calls the lead of a membership so
        {{ raw_text(membership, 'id') }} as contact_id,
        {{ raw_timestamp(membership, 'membership_date') }} as added_at,
        {{ is_gone(membership) }} as is_deleted,
        {{ raw_timestamp(membership, '_fivetran_synced') }} as synced_at
    from {{ membership.relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    members.source_table,
    members.list_id,
    members.contact_id,
    members.added_at,
    case
        when members.is_deleted then coalesce(members.synced_at, {{ as_of() }})
        when lists.is_deleted then coalesce(lists.synced_at, {{ as_of() }})
    end as removed_at
from members
left join {{ ref('marketo_lists') }} as lists on members.list_id = lists.list_id
