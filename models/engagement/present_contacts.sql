{{ config(materialized='table') }}

with

contact_rows as (

    select * from {{ ref('contact_rows') }}
    where deleted_at is null

),

contact_survivors as (

    select * from {{ ref('contact_survivors') }}
    where contact = survivor and not is_erased

),

company_names as (

    select distinct company_name from contact_rows
    where account_id is null

),

-- once for each name: for each contact it took half of this model's time
normalised_names as (

    select
        company_name,
        {{ normalised_name('company_name') }} as normalised_name
    from company_names

),

present_contacts as (

    select
        contact_survivors.contact,
        contact_rows.contact_id,
        contact_rows.email_address,
        contact_rows.full_name,
        contact_rows.company_name,
        contact_rows.job_title,
        contact_rows.country,
        contact_rows.phone,
        contact_rows.owner,
        coalesce(contact_rows.account_id, normalised_names.normalised_name) as account_id,
        contact_rows.created_at,
        contact_survivors.address_key
    from contact_rows
    inner join contact_survivors
        on {{ lookup_key(["'contact'", 'contact_rows.contact_id']) }} = contact_survivors.actor_key
    left join normalised_names
        on contact_rows.company_name = normalised_names.company_name

)

select * from present_contacts
