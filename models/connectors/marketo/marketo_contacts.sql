{{ config(enabled=is_connected('marketo')) }}
{%- set lead = source_table('marketo', 'lead', ['id', 'email']) %}
{%- set delete_lead = source_table('marketo', 'activity_delete_lead') %}

with

leads as (

    select
        {{ raw_text(lead, 'id') }} as contact_id,
        {{ raw_text(lead, 'email') }} as email_address,
        {{ raw_text(lead, 'first_name') }} as first_name,
        {{ raw_text(lead, 'last_name') }} as last_name,
        {{ raw_text(lead, 'company') }} as company_name,
        {{ raw_text(lead, 'title') }} as job_title,
        coalesce({{ raw_text(lead, 'country') }}, {{ raw_text(lead, 'country_code') }}) as country,
        coalesce({{ raw_text(lead, 'phone') }}, {{ raw_text(lead, 'mobile_phone') }}) as phone,
        {{ raw_text(lead, 'sfdc_account_id') }} as account_id,
        {{ raw_timestamp(lead, 'created_at') }} as created_at,
        {{ raw_timestamp(lead, 'updated_at') }} as modified_at,
        {{ raw_timestamp(lead, '_fivetran_synced') }} as synced_at,
        {{ is_gone(lead) }} as is_deleted
    from {{ lead.relation }}

),

deletions as (

    select
        {{ raw_text(delete_lead, 'lead_id') }} as contact_id,
        {{ raw_timestamp(delete_lead, 'activity_date') }} as occurred_at
    from {{ delete_lead.relation }}

),

deleted_leads as (

    -- Marketo may delete a lead more than once
    select
        contact_id,
        coalesce(min(occurred_at), {{ as_of() }}) as deleted_at
    from deletions
    group by contact_id

)

select
    leads.contact_id,
    leads.email_address,
    {{ joined_names('leads.first_name', 'leads.last_name') }} as full_name,
    leads.company_name,
    leads.job_title,
    leads.country,
    leads.phone,
    {{ no_text() }} as owner,
    leads.account_id,
    leads.created_at,
    coalesce(leads.modified_at, leads.synced_at) as updated_at,
    merged.merged_into_contact_id,
    coalesce(
        deleted_leads.deleted_at, case when leads.is_deleted then coalesce(leads.synced_at, {{ as_of() }}) end
    ) as deleted_at
from leads
left join deleted_leads on leads.contact_id = deleted_leads.contact_id
left join {{ ref('marketo_merges') }} as merged on leads.contact_id = merged.contact_id
