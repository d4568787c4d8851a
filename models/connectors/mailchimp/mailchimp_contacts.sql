{{ config(enabled=is_connected('mailchimp')) }}
{%- set member = source_table('mailchimp', 'member', ['id', 'email_address']) %}

with

members as (

    select
        {{ raw_text(member, 'id') }} as contact_id,
        {{ raw_text(member, 'email_address') }} as email_address,
        {{ raw_text(member, 'merge_fname') }} as first_name,
        {{ raw_text(member, 'merge_lname') }} as last_name,
        {{ raw_text(member, 'merge_company') }} as company_name,
        {{ raw_text(member, 'merge_phone') }} as phone,
        {{ raw_text(member, 'country_code') }} as country,
        {{ raw_timestamp(member, 'timestamp_signup') }} as signed_up_at,
        {{ raw_timestamp(member, 'timestamp_opt') }} as opted_in_at,
        {{ raw_timestamp(member, 'last_changed') }} as changed_at,
        {{ raw_timestamp(member, '_fivetran_synced') }} as synced_at
    from {{ member.relation }}

),

named as (

    select
        *,
        {{ joined_names('first_name', 'last_name') }} as full_name
    from members

)

-- the newest row counts, and another list may know more of the person
select
    contact_id,
    email_address,
    {% for column in ['full_name', 'company_name', 'country', 'phone'] %}
    coalesce({{ column }}, max({{ column }}) over (partition by contact_id)) as {{ column }},
    {% endfor %}
    {{ no_text() }} as job_title,
    {{ no_text() }} as owner,
    {{ no_text() }} as account_id,
    coalesce(signed_up_at, opted_in_at) as created_at,
    coalesce(changed_at, synced_at) as updated_at,
    {{ no_text() }} as merged_into_contact_id,
    cast(null as {{ dbt.type_timestamp() }}) as deleted_at
from named
