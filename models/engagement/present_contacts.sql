{{ config(materialized='table') }}

with

contact_rows as (

    select * from {{ ref('contact_rows') }}

),

present_contacts as (

    select
        contact_id,
        email_address,
        full_name,
        company_name,
        job_title,
        country,
        phone,
        owner,
        created_at
    from contact_rows
    where merged_into_contact_id is null and deleted_at is null

)

select * from present_contacts
