{{ config(meta=is_check_of('engagements')) }}

-- Each id of a raw table with a valid row is an engagement, unless a deleted contact had a part in it.
with

erased_events as (

    select distinct row_key from {{ ref('erased_events') }}

),

event_rows as (

    select
        source,
        event_id,
        {{ row_key() }} as row_key
    from {{ ref('event_rows') }}
    where reject_reason is null

),

ids as (

    select
        event_rows.source,
        event_rows.event_id,
        count(erased_events.row_key) as erased_copies
    from event_rows
    left join erased_events
        on event_rows.row_key = erased_events.row_key
    group by event_rows.source, event_rows.event_id

),

engagements as (

    select * from {{ ref('engagements') }}

)

select
    coalesce(ids.source, engagements.source) as source,
    coalesce(ids.event_id, engagements.event_id) as event_id
from ids
full outer join engagements
    on
        ids.source = engagements.source
        and ids.event_id = engagements.event_id
where
    ids.event_id is null
    or (engagements.event_id is null and ids.erased_copies = 0)
