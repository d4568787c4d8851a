with

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

past_address_owners as (

    select * from {{ ref('past_address_owners') }}
    where contact is not null

),

named_addresses as (

    select * from {{ ref('past_visitor_addresses') }}

),

identities as (

    select * from {{ ref('stg_identities') }}
    where identity_type = 'visitor' and identity_value is not null

),

links as (

    select
        named_addresses.actor_key,
        named_addresses.linked_at,
        past_address_owners.contact,
        past_address_owners.survivor,
        greatest(named_addresses.after_day, past_address_owners.after_day) as after_day,
        least(named_addresses.until_day, past_address_owners.until_day) as until_day
    from named_addresses
    inner join past_address_owners
        on named_addresses.address_key = past_address_owners.actor_key

    -- a click without an address belongs to the contact that it names
    union all

    select
        named_addresses.actor_key,
        named_addresses.linked_at,
        contact_survivors.contact,
        contact_survivors.survivor,
        named_addresses.after_day,
        named_addresses.until_day
    from named_addresses
    inner join contact_survivors
        on named_addresses.address_key = contact_survivors.actor_key

    union all

    select
        {{ lookup_key(["'visitor'", 'identities.identity_value']) }} as actor_key,
        identities.linked_at,
        contact_survivors.contact,
        contact_survivors.survivor,
        coalesce(cast(identities.linked_at as date), {{ first_day() }}) as after_day,
        {{ last_day() }} as until_day
    from identities
    inner join contact_survivors
        on {{ lookup_key(["'contact'", 'identities.contact_id']) }} = contact_survivors.actor_key

),

past_visitor_links as (

    select * from links
    where after_day < until_day

)

select * from past_visitor_links
