{{ config(meta=is_check_of('rejected_events')) }}

-- Each raw row that cannot count stands in rejected_events, as often as it was read and with its reason.
with

raw_rejected_rows as (

    select
        *,
        {{ row_key() }} as row_key
    from {{ ref('event_rows') }}
    where reject_reason is not null

),

erased_events as (

    select * from {{ ref('erased_events') }}

),

rejected_rows as (

    select
        source,
        event_id,
        reject_reason as reason,
        event_type,
        coalesce(occurred_at_as_read, cast(occurred_at as {{ dbt.type_string() }})) as occurred_at,
        received_at,
        1 as times
    from raw_rejected_rows
    where
        not exists (
            select 1 from erased_events
            where raw_rejected_rows.row_key = erased_events.row_key
        )

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
