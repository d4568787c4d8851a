with

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

identities as (

    select * from {{ ref('stg_identities') }}
    where identity_type = 'email' and identity_value is not null

),

contacts as (

    select * from {{ ref('stg_contacts') }}
    where contact_id is not null and email_address is not null

),

address_links as (

    select
        contact_id,
        identity_value as email_address,
        linked_at
    from identities

    union all

    select
        contact_id,
        email_address,
        updated_at as linked_at
    from contacts

),

-- only of addresses that are nobody's current one; at one time the smallest contact wins, and numbers go by ids
past_address_links as (

    select
        {{ lookup_key(["'email'", 'address_links.email_address']) }} as actor_key,
        address_links.linked_at,
        min(contact_survivors.contact) as contact
    from address_links
    inner join contact_survivors
        on {{ lookup_key(["'contact'", 'address_links.contact_id']) }} = contact_survivors.actor_key
    where
        not exists (
            select 1 from contact_survivors as current_owners
            where {{ lookup_key(["'email'", 'address_links.email_address']) }} = current_owners.address_key
        )
    group by {{ lookup_key(["'email'", 'address_links.email_address']) }}, address_links.linked_at

)

select * from past_address_links
