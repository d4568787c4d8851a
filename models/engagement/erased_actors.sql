with

actor_owners as (

    select * from {{ ref('actor_owners') }}

),

erased_actors as (

    select
        actor_type,
        actor
    from actor_owners
    where is_erased

)

select * from erased_actors
