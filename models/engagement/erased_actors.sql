{{ config(materialized='table') }}
{%- set last_build = last_build() %}

with

actor_owners as (

    select * from {{ ref('actor_owners') }}

),

known_actors as (

    {% if last_build %}
    select * from {{ this }}
    {% else %}
    select
        *,
        0 as build_number
    from actor_owners
    where false
    {% endif %}

),

-- who an anonymous visitor was may have been known only from events that are no longer there
known_visitors as (

    select known_actors.*
    from known_actors
    left join actor_owners
        on
            known_actors.actor_key = actor_owners.actor_key
            and (actor_owners.is_erased or {{ is_later_link('actor_owners', 'known_actors') }})
    where known_actors.actor_type = 'visitor' and actor_owners.actor_key is null

),

owned_actors as (

    select
        actor_owners.actor_type,
        actor_owners.actor_key,
        greatest(actor_owners.linked_at, known_actors.linked_at) as linked_at,
        coalesce(known_actors.build_number, {{ build_number(this, last_build) }}) as build_number
    from actor_owners
    left join known_actors
        on actor_owners.actor_key = known_actors.actor_key
    where actor_owners.is_erased

),

erased_actors as (

    select * from owned_actors

    union all

    select
        actor_type,
        actor_key,
        linked_at,
        build_number
    from known_visitors

)

select * from erased_actors
