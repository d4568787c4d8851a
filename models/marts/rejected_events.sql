{{ config(materialized='table') }}

with

event_rows as (

    select * from {{ ref('event_rows') }}

),

erased_actors as (

    select * from {{ ref('erased_actors') }}

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
        event_rows.email_click_event_id,
        event_rows.detail,
        event_rows.user_agent,
        event_rows.is_flagged_machine as is_machine
    from event_rows
    -- an erased person's address may have been typed in by somebody else
    left join erased_actors as erased_addresses
        on
            erased_addresses.actor_type = 'email'
            and {{ dbt.hash('event_rows.email_address') }} = erased_addresses.actor_hash
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
