-- depends_on: {{ ref('raw_tables') }}, which checks them
{%- set raw = raw_table('contacts') %}

with

source as (

    select * from {{ raw.relation }}

),

typed as (

    select
        -- ids
        {{ raw_text(raw, 'contact_id') }} as contact_id,
        {{ raw_text(raw, 'merged_into_contact_id') }} as merged_into_contact_id,
        {{ raw_text(raw, 'account_id') }} as account_id,

        -- text
        {{ raw_email(raw, 'email_address') }} as email_address,
        {{ raw_text(raw, 'full_name') }} as full_name,
        {{ raw_text(raw, 'company_name') }} as company_name,
        {{ raw_text(raw, 'job_title') }} as job_title,
        {{ raw_text(raw, 'country') }} as country,
        {{ raw_text(raw, 'phone') }} as phone,
        {{ raw_text(raw, 'owner') }} as owner,

        -- times that are filled in but cannot be read
        {{ raw_is_unreadable(raw, 'created_at') }} as has_unreadable_created_at,
        {{ raw_is_unreadable(raw, 'updated_at') }} as has_unreadable_updated_at,
        {{ raw_is_unreadable(raw, 'deleted_at') }} as has_unreadable_deleted_at,

        -- timestamps
        {{ raw_timestamp(raw, 'created_at') }} as created_at,
        {{ raw_timestamp(raw, 'updated_at') }} as updated_at,
        {{ raw_timestamp(raw, 'deleted_at') }} as deleted_at

    from source

)

select * from typed
