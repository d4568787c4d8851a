{{ config(enabled=is_connected('hubspot')) }}
{%- set contact = source_table('hubspot', 'contact', ['id']) %}
{%- set hubspot_owner = source_table('hubspot', 'owner') %}

with

contacts as (

    select
        {{ raw_text(contact, 'id') }} as contact_id,
        {{ raw_text(contact, 'property_email') }} as email_address,
        {{ raw_text(contact, 'property_firstname') }} as first_name,
        {{ raw_text(contact, 'property_lastname') }} as last_name,
        {{ raw_text(contact, 'property_company') }} as company_name,
        {{ raw_text(contact, 'property_jobtitle') }} as job_title,
        {{ raw_text(contact, 'property_country') }} as country,
        {{ raw_text(contact, 'property_phone') }} as phone,
        {{ raw_text(contact, 'property_mobilephone') }} as mobile_phone,
        {{ raw_text(contact, 'property_hubspot_owner_id') }} as owner_id,
        {{ raw_text(contact, 'property_associatedcompanyid') }} as account_id,
        {{ raw_timestamp(contact, 'property_createdate') }} as created_at,
        {{ raw_timestamp(contact, 'property_lastmodifieddate') }} as modified_at,
        {{ raw_timestamp(contact, '_fivetran_synced') }} as synced_at,
        {{ raw_boolean(contact, '_fivetran_deleted') }} as is_deleted
    from {{ contact.relation }}

),

owners as (

    select
        {{ raw_text(hubspot_owner, 'owner_id') }} as owner_id,
        {{ raw_text(hubspot_owner, 'first_name') }} as first_name,
        {{ raw_text(hubspot_owner, 'last_name') }} as last_name,
        {{ raw_text(hubspot_owner, 'email') }} as email_address
    from {{ hubspot_owner.relation }}

)

select
    contacts.contact_id,
    contacts.email_address,
    {{ joined_names('contacts.first_name', 'contacts.last_name') }} as full_name,
    contacts.company_name,
    contacts.job_title,
    contacts.country,
    coalesce(contacts.phone, contacts.mobile_phone) as phone,
    coalesce(
        {{ joined_names('owners.first_name', 'owners.last_name') }}, owners.email_address, contacts.owner_id
    ) as owner,
    contacts.account_id,
    contacts.created_at,
    coalesce(contacts.modified_at, contacts.synced_at) as updated_at,
    merged.merged_into_contact_id,
    case when contacts.is_deleted then coalesce(contacts.synced_at, {{ as_of() }}) end as deleted_at
from contacts
left join owners on contacts.owner_id = owners.owner_id
left join {{ ref('hubspot_merges') }} as merged on contacts.contact_id = merged.contact_id
