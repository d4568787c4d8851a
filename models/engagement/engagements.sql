{{ config(materialized='table') }}

with

accepted_events as (

    select * from {{ ref('accepted_events') }}

),

erased_actors as (

    select * from {{ ref('erased_actors') }}

),

engagements as (

    select
        source,
        event_id,
        event_type,
        actor_type,
        actor,
        occurred_at,
        received_at,
        message_id,
        campaign_id,
        link_url,
        page_url,
        detail,
        machine_reason,
        is_repeat
    from accepted_events
    where not exists (
        select 1
        from erased_actors
        where
            erased_actors.actor_type = accepted_events.actor_type
            and erased_actors.actor = accepted_events.actor
    )

)

select * from engagements
