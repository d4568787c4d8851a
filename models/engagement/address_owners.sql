{{ config(materialized=worked_out_once('ephemeral')) }}

with

contact_rows as (

    select * from {{ ref('contact_rows') }}

),

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

identities as (

    select * from {{ ref('stg_identities') }}

),

addresses as (

    select * from contact_rows
    where email_address is not null

),

-- ranking is dear, and nearly every address is one row's
shared_addresses as (

    select email_address from addresses
    group by email_address
    having count(*) > 1

),

ranked_addresses as (

    select
        addresses.email_address,
        addresses.contact_id,
        row_number() over (
            partition by addresses.email_address
            order by
                contact_survivors.is_erased asc,
                addresses.updated_at desc nulls last,
                addresses.contact_id asc
        ) as address_rank
    from addresses
    inner join contact_survivors
        on addresses.contact_id = contact_survivors.row_contact_id
    where addresses.email_address in (select shared_addresses.email_address from shared_addresses)

),

linked_addresses as (

    select
        identities.identity_value as email_address,
        contact_rows.contact_id,
        row_number() over (
            partition by identities.identity_value
            order by identities.linked_at desc nulls last, contact_rows.contact_id asc
        ) as address_rank
    from identities
    inner join contact_rows
        on identities.contact_id = contact_rows.contact_id
    where
        identities.identity_type = 'email'
        and identities.identity_value is not null
        and (identities.linked_at is null or identities.linked_at < {{ as_of() }})

),

current_owners as (

    select
        email_address,
        contact_id
    from addresses
    where
        not exists (
            select 1 from shared_addresses
            where addresses.email_address = shared_addresses.email_address
        )

    union all

    select
        email_address,
        contact_id
    from ranked_addresses
    where address_rank = 1

),

linked_owners as (

    select * from linked_addresses
    where address_rank = 1

),

address_owners as (

    select
        coalesce(current_owners.email_address, linked_owners.email_address) as email_address,
        coalesce(current_owners.contact_id, linked_owners.contact_id) as row_contact_id
    from current_owners
    full outer join linked_owners
        on current_owners.email_address = linked_owners.email_address

)

select * from address_owners
