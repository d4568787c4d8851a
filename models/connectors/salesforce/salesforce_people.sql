{{ config(enabled=is_connected('salesforce')) }}
{%- set contact = source_table('salesforce', 'contact', ['id', 'email']) %}
{%- set lead = source_table('salesforce', 'lead') %}

with

people as (

    select
        'contact' as source_table,
        {{ version_number(contact) }} as version_number,
        {{ raw_text(contact, 'id') }} as contact_id,
        {{ raw_text(contact, 'email') }} as email_address,
        {{ raw_text(contact, 'name') }} as full_name,
        {{ raw_text(contact, 'first_name') }} as first_name,
        {{ raw_text(contact, 'last_name') }} as last_name,
        {{ no_text() }} as company_name,
        {{ raw_text(contact, 'title') }} as job_title,
        coalesce(
            {{ raw_text(contact, 'mailing_country') }}, {{ raw_text(contact, 'mailing_country_code') }}
        ) as country,
        coalesce({{ raw_text(contact, 'phone') }}, {{ raw_text(contact, 'mobile_phone') }}) as phone,
        {{ raw_text(contact, 'owner_id') }} as owner_id,
        {{ raw_text(contact, 'account_id') }} as account_id,
        {{ raw_text(contact, 'master_record_id') }} as merged_into_contact_id,
        {{ raw_timestamp(contact, 'created_date') }} as created_at,
        {{ raw_timestamp(contact, 'last_modified_date') }} as modified_at,
        {{ raw_timestamp(contact, '_fivetran_synced') }} as synced_at,
        {{ is_gone(contact) }} as is_deleted,
        {{ raw_timestamp(contact, 'email_bounced_date') }} as bounced_at,
        {{ raw_text(contact, 'email_bounced_reason') }} as bounce_reason
    from {{ contact.relation }}

    union all

    select
        'lead' as source_table,
        {{ version_number(lead) }} as version_number,
        {{ raw_text(lead, 'id') }} as contact_id,
        {{ raw_text(lead, 'email') }} as email_address,
        {{ raw_text(lead, 'name') }} as full_name,
        {{ raw_text(lead, 'first_name') }} as first_name,
        {{ raw_text(lead, 'last_name') }} as last_name,
        {{ raw_text(lead, 'company') }} as company_name,
        {{ raw_text(lead, 'title') }} as job_title,
        coalesce({{ raw_text(lead, 'country') }}, {{ raw_text(lead, 'country_code') }}) as country,
        coalesce({{ raw_text(lead, 'phone') }}, {{ raw_text(lead, 'mobile_phone') }}) as phone,
        {{ raw_text(lead, 'owner_id') }} as owner_id,
        {{ no_text() }} as account_id,
        coalesce(
            {{ raw_text(lead, 'master_record_id') }}, {{ raw_text(lead, 'converted_contact_id') }}
        ) as merged_into_contact_id,
        {{ raw_timestamp(lead, 'created_date') }} as created_at,
        {{ raw_timestamp(lead, 'last_modified_date') }} as modified_at,
        {{ raw_timestamp(lead, '_fivetran_synced') }} as synced_at,
        {{ is_gone(lead) }} as is_deleted,
        {{ raw_timestamp(lead, 'email_bounced_date') }} as bounced_at,
        {{ raw_text(lead, 'email_bounced_reason') }} as bounce_reason
    from {{ lead.relation }}

)

select
    *,
    case when version_number > 1 then 'earlier_version' end as left_out
from people
