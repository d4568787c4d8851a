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

current_addresses as (

    select
        contact_rows.email_address,
        contact_rows.contact_id,
        row_number() over (
            partition by contact_rows.email_address
            order by
                contact_survivors.is_erased asc,
                contact_rows.updated_at desc nulls last,
                contact_rows.contact_id asc
        ) as address_rank
    from contact_rows
    inner join contact_survivors
        on contact_rows.contact_id = contact_survivors.row_contact_id
    where contact_rows.email_address is not null

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

    select * from current_addresses
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
