{{ config(materialized='table') }}

with

actor_owners as (

    select * from {{ ref('actor_owners') }}

),

-- a hash is enough to know them by, and names nobody
erased_actors as (

    select
        actor_type,
        {{ dbt.hash('actor') }} as actor_hash
    from actor_owners
    where is_erased

)

select * from erased_actors
