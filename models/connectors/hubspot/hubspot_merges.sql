{{ config(enabled=is_connected('hubspot')) }}
{%- set contact = source_table('hubspot', 'contact', ['id']) %}
{%- set merge_audit = source_table('hubspot', 'contact_merge_audit') %}

with

contacts as (

    select
        {{ raw_text(contact, 'id') }} as contact_id,
        {{ raw_text(contact, 'property_hs_calculated_merged_vids') }} as merged_vids,
        {{ raw_boolean(contact, '_fivetran_deleted') }} as is_deleted
    from {{ contact.relation }}

),

listed as (

    select
        contact_id,
        merged_vids
    from contacts
    where merged_vids is not null

),

vids as (

    {{ separated_values('listed', 'contact_id', 'merged_vids') }}

),

named as (

    -- each value is the id of the contact that was merged, a colon, and when
    select
        split_part(vids.value, ':', 1) as contact_id,
        vids.contact_id as merged_into_contact_id
    from vids

    union all

    -- what Fivetran loaded until November 2022
    select
        {{ raw_text(merge_audit, 'vid_to_merge') }} as contact_id,
        {{ raw_text(merge_audit, 'canonical_vid') }} as merged_into_contact_id
    from {{ merge_audit.relation }}

),

ranked as (

    -- who was merged twice is named by both contacts: the first of these is deleted by then
    select
        named.contact_id,
        named.merged_into_contact_id,
        row_number() over (
            partition by named.contact_id
            order by contacts.is_deleted, named.merged_into_contact_id
        ) as place
    from named
    inner join contacts on named.merged_into_contact_id = contacts.contact_id
    where named.contact_id <> named.merged_into_contact_id

)

select
    contact_id,
    merged_into_contact_id
from ranked
where place = 1
