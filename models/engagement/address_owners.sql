{{ config(materialized='table') }}

with

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

identities as (

    select * from {{ ref('stg_identities') }}

),

addresses as (

    select
        *,
        row_number() over (
            partition by address_key
            order by is_erased asc, updated_at desc nulls last, contact asc
        ) as address_rank
    from contact_survivors
    where address_key is not null

),

links as (

    select
        {{ lookup_key(["'email'", 'identities.identity_value']) }} as address_key,
        contact_survivors.contact,
        identities.linked_at
    from identities
    inner join contact_survivors
        on {{ lookup_key(["'contact'", 'identities.contact_id']) }} = contact_survivors.actor_key
    where
        identities.identity_type = 'email'
        and identities.identity_value is not null
        and (identities.linked_at is null or identities.linked_at < {{ as_of() }})

),

ranked_links as (

    select
        *,
        row_number() over (partition by address_key order by linked_at desc nulls last, contact asc) as address_rank
    from links

),

owners as (

    select
        address_key,
        contact
    from addresses
    where address_rank = 1

    union all

    select
        address_key,
        contact
    from ranked_links
    where
        address_rank = 1
        and not exists (
            select 1 from addresses
            where ranked_links.address_key = addresses.address_key
        )

),

address_owners as (

    select
        owners.address_key as actor_key,
        owners.contact,
        contact_survivors.survivor,
        contact_survivors.is_erased
    from owners
    inner join contact_survivors
        on owners.contact = contact_survivors.contact

)

select * from address_owners
