{{ config(materialized='table') }}

with

contact_standings as (

    select * from {{ ref('contact_standings') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

sales_ready as (

    select * from {{ ref('sales_ready') }}

),

contact_scores as (

    select
        contact_standings.score_name,
        present_contacts.contact_id,
        present_contacts.email_address,
        present_contacts.full_name,
        present_contacts.company_name,
        present_contacts.phone,
        present_contacts.owner,
        present_contacts.account_id,
        contact_standings.status,
        {% for window_days in named_windows() %}
        contact_standings.score_{{ window_days }}d,
        {% endfor %}
        contact_standings.band,
        sales_ready.contact is not null as is_sales_ready,
        contact_standings.last_engaged_at,
        contact_standings.as_of
    from contact_standings
    inner join present_contacts
        on contact_standings.contact = present_contacts.contact
    left join sales_ready
        on
            contact_standings.contact = sales_ready.contact
            and contact_standings.score_name = sales_ready.score_name

)

select * from contact_scores
