{{ config(materialized='table') }}
{%- set known = load_relation(this) if execute and not flags.FULL_REFRESH %}

with

contact_survivors as (

    select * from {{ ref('contact_survivors') }}
    where is_erased

),

address_owners as (

    select * from {{ ref('address_owners') }}
    where is_erased

),

visitor_owners as (

    select * from {{ ref('visitor_owners') }}

),

-- an anonymous visitor may have been identified only by events that are no longer there
known_visitors as (

    {% if known %}
    select
        actor_key,
        linked_at
    from {{ this }}
    where actor_type = 'visitor'
    {% else %}
    select
        actor_key,
        linked_at
    from visitor_owners
    where false
    {% endif %}

),

-- a visitor no longer belongs to a deleted contact once a later link gives it to somebody else
erased_visitors as (

    select
        coalesce(visitor_owners.actor_key, known_visitors.actor_key) as actor_key,
        case
            when visitor_owners.is_erased then greatest(visitor_owners.linked_at, known_visitors.linked_at)
            else known_visitors.linked_at
        end as linked_at
    from visitor_owners
    full outer join known_visitors
        on visitor_owners.actor_key = known_visitors.actor_key
    where
        coalesce(visitor_owners.is_erased, true)
        or (
            known_visitors.actor_key is not null
            and (visitor_owners.linked_at is null or visitor_owners.linked_at <= known_visitors.linked_at)
        )

),

erased_actors as (

    select
        'contact' as actor_type,
        actor_key,
        cast(null as {{ dbt.type_timestamp() }}) as linked_at
    from contact_survivors

    union all

    select
        'email' as actor_type,
        actor_key,
        cast(null as {{ dbt.type_timestamp() }}) as linked_at
    from address_owners

    union all

    select
        'visitor' as actor_type,
        actor_key,
        linked_at
    from erased_visitors

)

select * from erased_actors
