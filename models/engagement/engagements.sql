-- depends_on: {{ ref('erased_events') }}

with

read_events as (

    select * from {{ ref('read_events') }}
    where outcome = 'engagement'

),

event_marks as (

    select * from {{ ref('event_marks') }}

),

-- a typed-in address stays behind: links are settled
engagements as (

    select
        read_events.source,
        read_events.event_id,
        read_events.event_type,
        read_events.actor_type,
        read_events.actor,
        read_events.occurred_at,
        read_events.period_start,
        read_events.received_at,
        read_events.message_id,
        read_events.campaign_id,
        read_events.link_url,
        read_events.page_url,
        read_events.detail,
        event_marks.machine_reason,
        coalesce(event_marks.is_repeat, false) as is_repeat
    from read_events
    left join event_marks
        on {{ is_same_event('read_events', 'event_marks') }}

)

select * from engagements
