{{ config(enabled=is_connected('salesforce')) }}
{%- set member = source_table('salesforce', 'campaign_member') %}

with

members as (

    select
        {{ raw_text(member, 'id') }} as member_id,
        {{ raw_text(member, 'campaign_id') }} as list_id,
        coalesce({{ raw_text(member, 'contact_id') }}, {{ raw_text(member, 'lead_id') }}) as contact_id,
        {{ raw_timestamp(member, 'created_date') }} as added_at,
        {{ raw_boolean(member, 'has_responded') }} as has_responded,
        {{ raw_timestamp(member, 'first_responded_date') }} as responded_at,
        {{ is_gone(member) }} as is_deleted,
        {{ raw_timestamp(member, '_fivetran_synced') }} as synced_at,
        {{ version_number(member) }} as version_number
    from {{ member.relation }}

)

select
    *,
    case
        when version_number > 1 then 'earlier_version'
        when contact_id is null then 'names_no_person'
    end as left_out
from members
