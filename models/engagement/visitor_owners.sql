{{ config(materialized='table') }}

with

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

address_owners as (

    select * from {{ ref('address_owners') }}

),

identities as (

    select * from {{ ref('stg_identities') }}

),

-- events by machines link nobody
web_events as (

    select
        actor_key,
        occurred_at,
        {{ lookup_key(["'email_events'", 'email_click_event_id']) }} as click_key,
        typed_key
    from {{ ref('engagements') }}
    where
        source = 'web_events'
        and (email_click_event_id is not null or email_address is not null)
        and occurred_at < {{ as_of() }}
        and machine_reason is null

),

email_clicks as (

    select
        event_key,
        actor_key
    from {{ ref('engagements') }}
    where source = 'email_events' and event_type = 'email_click' and machine_reason is null

),

named_addresses as (

    select
        web_events.actor_key,
        email_clicks.actor_key as address_key,
        web_events.occurred_at as linked_at
    from web_events
    inner join email_clicks
        on web_events.click_key = email_clicks.event_key

    union all

    select
        actor_key,
        typed_key as address_key,
        occurred_at as linked_at
    from web_events

),

links as (

    select
        {{ lookup_key(["'visitor'", 'identities.identity_value']) }} as actor_key,
        contact_survivors.contact,
        identities.linked_at
    from identities
    inner join contact_survivors
        on {{ lookup_key(["'contact'", 'identities.contact_id']) }} = contact_survivors.actor_key
    where
        identities.identity_type = 'visitor'
        and identities.identity_value is not null
        and (identities.linked_at is null or identities.linked_at < {{ as_of() }})

    union all

    select
        named_addresses.actor_key,
        address_owners.contact,
        named_addresses.linked_at
    from named_addresses
    inner join address_owners
        on named_addresses.address_key = address_owners.actor_key

    -- a click without an address belongs to the contact that it names
    union all

    select
        named_addresses.actor_key,
        contact_survivors.contact,
        named_addresses.linked_at
    from named_addresses
    inner join contact_survivors
        on named_addresses.address_key = contact_survivors.actor_key

),

ranked as (

    select
        *,
        row_number() over (partition by actor_key order by linked_at desc nulls last, contact asc) as link_rank
    from links

),

-- the newest link is chosen before merges are followed
visitor_owners as (

    select
        ranked.actor_key,
        ranked.contact,
        ranked.linked_at,
        contact_survivors.survivor,
        contact_survivors.is_erased
    from ranked
    inner join contact_survivors
        on ranked.contact = contact_survivors.contact
    where ranked.link_rank = 1

)

select * from visitor_owners
