{{ config(materialized='table') }}

with

accepted_events as (

    select * from {{ ref('accepted_events') }}

),

machine_events as (

    select * from {{ ref('machine_events') }}

),

erased_actors as (

    select * from {{ ref('erased_actors') }}

),

present_events as (

    select
        accepted_events.*,
        machine_events.machine_reason
    from accepted_events
    left join machine_events
        on
            accepted_events.source = machine_events.source
            and accepted_events.event_id = machine_events.event_id
    where not exists (
        select 1
        from erased_actors
        where
            erased_actors.actor_type = accepted_events.actor_type
            and erased_actors.actor_hash = {{ dbt.hash('accepted_events.actor') }}
    )

),

-- a typed-in address stays behind: links are settled, and it may be an erased person's
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
        -- a machine's open does not make the person's own one a repeat
        message_id is not null
        and coalesce(
            sum(case when machine_reason is null then 1 else 0 end) over (
                partition by source, actor, event_type, message_id, link_url
                order by received_at, event_id
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) > 0 as is_repeat
    from present_events

)

select * from engagements
