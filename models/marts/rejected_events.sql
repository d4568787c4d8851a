{{ config(materialized='table') }}

with

event_rows as (

    select * from {{ ref('event_rows') }}

),

erased_actors as (

    select * from {{ ref('erased_actors') }}

),

accepted_events as (

    select * from {{ ref('accepted_events') }}

),

erased_clicks as (

    select accepted_events.event_id
    from accepted_events
    inner join erased_actors
        on
            accepted_events.actor_type = erased_actors.actor_type
            and {{ dbt.hash('accepted_events.actor') }} = erased_actors.actor_hash
    where accepted_events.source = 'email_events' and accepted_events.event_type = 'email_click'

),

rejected_events as (

    select
        event_rows.source,
        event_rows.event_id,
        event_rows.reject_reason as reason,
        event_rows.received_at,
        event_rows.event_type,
        event_rows.occurred_at_as_read as occurred_at,
        case when erased_addresses.actor_hash is null then event_rows.email_address end as email_address,
        event_rows.visitor_id,
        event_rows.contact_id,
        event_rows.message_id,
        event_rows.campaign_id,
        event_rows.link_url,
        event_rows.page_url,
        case when erased_clicks.event_id is null then event_rows.email_click_event_id end as email_click_event_id,
        event_rows.detail,
        event_rows.user_agent,
        event_rows.is_flagged_machine as is_machine
    from event_rows
    -- an erased person's address may have been typed in by somebody else, or a forwarded link clicked
    left join erased_actors as erased_addresses
        on
            erased_addresses.actor_type = 'email'
            and {{ dbt.hash('event_rows.email_address') }} = erased_addresses.actor_hash
    left join erased_clicks
        on event_rows.email_click_event_id = erased_clicks.event_id
    where
        event_rows.reject_reason is not null
        and not exists (
            select 1
            from erased_actors
            where
                erased_actors.actor_type = event_rows.actor_type
                and erased_actors.actor_hash = {{ dbt.hash('event_rows.actor') }}
        )

)

select * from rejected_events
