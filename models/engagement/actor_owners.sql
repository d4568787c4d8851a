{{ config(materialized='table') }}

with

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

address_owners as (

    select * from {{ ref('address_owners') }}

),

visitor_links as (

    select * from {{ ref('visitor_links') }}

),

visitor_owners as (

    select
        visitor_id,
        row_contact_id,
        linked_at,
        row_number() over (
            partition by visitor_id
            order by linked_at desc nulls last, row_contact_id asc
        ) as link_rank
    from visitor_links

),

owned as (

    select
        'contact' as actor_type,
        row_contact_id as actor,
        row_contact_id,
        cast(null as {{ dbt.type_timestamp() }}) as linked_at
    from contact_survivors

    union all

    select
        'email' as actor_type,
        email_address as actor,
        row_contact_id,
        cast(null as {{ dbt.type_timestamp() }}) as linked_at
    from address_owners

    union all

    select
        'visitor' as actor_type,
        visitor_id as actor,
        row_contact_id,
        linked_at
    from visitor_owners
    where link_rank = 1

),

-- links are settled before merges are followed
with_survivors as (

    select
        owned.actor_type,
        owned.actor,
        owned.linked_at,
        contact_survivors.contact_id,
        contact_survivors.is_erased
    from owned
    inner join contact_survivors
        on owned.row_contact_id = contact_survivors.row_contact_id

),

-- nothing is stored that names a deleted contact
actor_owners as (

    select
        actor_type,
        case when not is_erased then actor end as actor,
        {{ lookup_key(['actor_type', 'actor']) }} as actor_key,
        case when not is_erased then contact_id end as contact_id,
        linked_at,
        is_erased
    from with_survivors

)

select * from actor_owners
