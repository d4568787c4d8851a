{{ config(materialized='table') }}

with

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

address_owners as (

    select * from {{ ref('address_owners') }}

),

visitor_owners as (

    select * from {{ ref('visitor_owners') }}

),

erased_visitors as (

    select * from {{ ref('erased_actors') }}
    where actor_type = 'visitor'

),

visitor_consents as (

    select * from {{ ref('visitor_consents') }}

),

-- a visitor without consent belongs to nobody, in every mart
actors as (

    select
        'contact' as actor_type,
        actor_key,
        survivor as contact
    from contact_survivors
    where not is_erased

    union all

    select
        'email' as actor_type,
        actor_key,
        survivor as contact
    from address_owners
    where not is_erased

    union all

    select
        'visitor' as actor_type,
        visitor_owners.actor_key,
        visitor_owners.survivor as contact
    from visitor_owners
    left join visitor_consents
        on visitor_owners.actor_key = visitor_consents.actor_key
    left join erased_visitors
        on visitor_owners.actor_key = erased_visitors.actor_key
    where
        erased_visitors.actor_key is null
        and {{ is_consented('visitor_consents.is_granted') }}

)

select * from actors
