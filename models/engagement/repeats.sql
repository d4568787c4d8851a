{{ config(materialized=worked_out_once('ephemeral')) }}

with

-- not kept for its two readers: it is most of all events in a first build
messages as {{ not_materialized() }} (

    select
        *,
        {{ lookup_key(['source', 'actor', 'event_type', 'message_id', 'link_url']) }} as repeat_key
    from {{ ref('engagements_to_mark') }}
    where message_id is not null

),

machine_events as (

    select * from {{ ref('machine_events') }}

),

repeated_keys as (

    select repeat_key
    from messages
    group by repeat_key
    having count(*) > 1

),

candidates as (

    select
        messages.source,
        messages.event_id,
        messages.event_key,
        messages.actor_type,
        messages.actor,
        messages.period_start,
        messages.event_type,
        messages.message_id,
        messages.link_url,
        messages.received_at,
        machine_events.machine_reason
    from messages
    inner join repeated_keys
        on messages.repeat_key = repeated_keys.repeat_key
    left join machine_events
        on {{ is_same_event('messages', 'machine_events') }}

),

-- a machine's open does not make the person's own one a repeat
counted as (

    select
        source,
        event_id,
        event_key,
        actor_type,
        actor,
        period_start,
        sum(case when machine_reason is null then 1 else 0 end) over (
            partition by source, actor, event_type, message_id, link_url
            order by received_at, event_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_ones
    from candidates

),

repeats as (

    select
        source,
        event_id,
        event_key,
        actor_type,
        actor,
        period_start
    from counted
    where earlier_ones > 0

)

select * from repeats
