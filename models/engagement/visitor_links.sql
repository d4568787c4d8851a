with

identities as (

    select * from {{ ref('stg_identities') }}

),

event_marks as (

    select * from {{ ref('event_marks') }}
    where machine_reason is not null

),

contact_rows as (

    select * from {{ ref('contact_rows') }}

),

address_owners as (

    select * from {{ ref('address_owners') }}

),

-- the few that name an address or a click
web_events as (

    select
        read_events.actor as visitor_id,
        read_events.occurred_at,
        read_events.email_click_event_id,
        read_events.email_address
    from {{ ref('read_events') }} as read_events
    left join event_marks
        on {{ is_same_event('read_events', 'event_marks') }}
    where
        read_events.outcome = 'engagement'
        and read_events.references_key is not null
        -- a machine links nobody
        and event_marks.event_key is null

),

landings as (

    select
        *,
        {{ lookup_key(["'email_events'", 'email_click_event_id']) }} as click_key
    from web_events
    where email_click_event_id is not null

),

email_clicks as (

    select
        read_events.event_id,
        read_events.actor as email_address
    from {{ ref('read_events') }} as read_events
    left join event_marks
        on {{ is_same_event('read_events', 'event_marks') }}
    where
        read_events.event_key in (select landings.click_key from landings)
        and read_events.event_type = 'email_click'
        and read_events.source = 'email_events'
        and read_events.outcome = 'engagement'
        and event_marks.event_key is null

),

named_addresses as (

    select
        landings.visitor_id,
        email_clicks.email_address,
        landings.occurred_at as linked_at
    from landings
    inner join email_clicks
        on landings.email_click_event_id = email_clicks.event_id

    union all

    select
        visitor_id,
        email_address,
        occurred_at as linked_at
    from web_events
    where email_address is not null

),

visitor_links as (

    select
        identities.identity_value as visitor_id,
        contact_rows.contact_id as row_contact_id,
        identities.linked_at
    from identities
    inner join contact_rows
        on identities.contact_id = contact_rows.contact_id
    where identities.identity_type = 'visitor' and identities.identity_value is not null

    union all

    select
        named_addresses.visitor_id,
        address_owners.row_contact_id,
        named_addresses.linked_at
    from named_addresses
    inner join address_owners
        on named_addresses.email_address = address_owners.email_address

)

select * from visitor_links
where linked_at is null or linked_at < {{ as_of() }}
