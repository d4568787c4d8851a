{{ config(materialized=worked_out_once('ephemeral')) }}

with

identities as (

    select * from {{ ref('stg_identities') }}

),

linking_engagements as (

    select * from {{ ref('linking_engagements') }}

),

contact_rows as (

    select * from {{ ref('contact_rows') }}

),

address_owners as (

    select * from {{ ref('address_owners') }}

),

web_events as (

    select
        actor as visitor_id,
        occurred_at,
        email_click_event_id,
        email_address
    from linking_engagements
    where source = 'web_events'

),

email_clicks as (

    select
        event_id,
        actor as email_address
    from linking_engagements
    where source = 'email_events'

),

named_addresses as (

    select
        web_events.visitor_id,
        email_clicks.email_address,
        web_events.occurred_at as linked_at
    from web_events
    inner join email_clicks
        on web_events.email_click_event_id = email_clicks.event_id

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
