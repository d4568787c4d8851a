{{ config(materialized='table') }}

with

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

identities as (

    select * from {{ ref('stg_identities') }}

),

contacts as (

    select * from {{ ref('stg_contacts') }}
    where contact_id is not null and email_address is not null

),

-- an older row of a contact links its address to it; the newest row's address is current and beats any link
changed_contacts as (

    select contact_id from {{ ref('stg_contacts') }}
    group by contact_id
    having count(*) > 1

),

address_links as (

    select
        contact_id,
        identity_value as email_address,
        linked_at
    from identities
    where identity_type = 'email' and identity_value is not null

    union all

    select
        contact_id,
        email_address,
        updated_at as linked_at
    from contacts
    where contact_id in (select changed_contacts.contact_id from changed_contacts)

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
        {{ lookup_key(["'email'", 'address_links.email_address']) }} as address_key,
        contact_survivors.contact,
        address_links.linked_at
    from address_links
    inner join contact_survivors
        on {{ lookup_key(["'contact'", 'address_links.contact_id']) }} = contact_survivors.actor_key
    where address_links.linked_at is null or address_links.linked_at < {{ as_of() }}

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
