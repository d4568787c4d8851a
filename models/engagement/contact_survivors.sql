{{ config(materialized='table') }}

with

contact_numbers as (

    select * from {{ ref('contact_numbers') }}

),

contact_survivors as (

    select
        contact_numbers.contact,
        contact_numbers.actor_key,
        contact_numbers.address_key,
        contact_numbers.updated_at,
        contact_numbers.survivor,
        survivors.is_deleted as is_erased
    from contact_numbers
    inner join contact_numbers as survivors
        on contact_numbers.survivor = survivors.contact

)

select * from contact_survivors
