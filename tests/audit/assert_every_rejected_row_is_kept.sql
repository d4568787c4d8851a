{{ config(meta=is_check_of('rejected_events')) }}

-- Each raw row that cannot count stands in rejected_events, as often as it was read and with its reason.
with

rejected_rows as (

    select
        event_rows.source,
        event_rows.event_id,
        event_rows.reject_reason as reason,
        event_rows.event_type,
        event_rows.occurred_at_as_read as occurred_at,
        event_rows.received_at,
        1 as times
    from {{ ref('event_rows') }} as event_rows
    left join {{ ref('erased_actors') }} as erased_actors
        on
            event_rows.actor_type = erased_actors.actor_type
            and {{ dbt.hash('event_rows.actor') }} = erased_actors.actor_hash
    where event_rows.reject_reason is not null and erased_actors.actor_hash is null

),

kept_rows as (

    select
        source,
        event_id,
        reason,
        event_type,
        occurred_at,
        received_at,
        -1 as times
    from {{ ref('rejected_events') }}

),

both_sides as (

    select * from rejected_rows
    union all
    select * from kept_rows

)

select
    source,
    event_id,
    reason,
    sum(times) as times_missing
from both_sides
group by source, event_id, reason, event_type, occurred_at, received_at
having sum(times) <> 0
