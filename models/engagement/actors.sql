{{ config(materialized='table') }}

with

actor_owners as (

    select * from {{ ref('actor_owners') }}

),

erased_visitors as (

    select * from {{ ref('erased_actors') }}
    where actor_type = 'visitor'

),

visitor_consents as (

    select * from {{ ref('visitor_consents') }}

),

-- without consent a visitor is nobody's in every mart
actors as (

    select
        actor_owners.actor_type,
        actor_owners.actor,
        actor_owners.contact_id
    from actor_owners
    left join visitor_consents
        on
            actor_owners.actor_type = visitor_consents.actor_type
            and actor_owners.actor = visitor_consents.actor
    where
        not actor_owners.is_erased
        and (
            actor_owners.actor_type <> 'visitor'
            or {{ is_consented('visitor_consents.is_granted') }}
        )
        and not exists (
            select 1 from erased_visitors
            where actor_owners.actor_key = erased_visitors.actor_key
        )

)

select * from actors
