{{ config(materialized='table') }}

with

-- not materialized: each CTE that reads it needs only a few columns or rows
event_log as {{ not_materialized() }} (

    select * from {{ ref('event_log') }}

),

-- hardly any: ids with an earlier copy that came in later than another one
contested_keys as (

    select event_key from event_log
    where is_earlier_copy

),

-- join on the time too, so that the engine can skip parts of the log
contested_rows as (

    select distinct
        row_key,
        received_at
    from event_log
    where event_key in (select contested_keys.event_key from contested_keys)

),

copies as (

    select event_log.*
    from event_log
    inner join contested_rows
        on event_log.row_key = contested_rows.row_key and event_log.received_at = contested_rows.received_at
    where not event_log.is_later_copy and (event_log.reject_reason is null or event_log.was_engagement)

),

ranked as (

    select
        row_key,
        event_key,
        was_engagement,
        max(case when was_engagement then 1 else 0 end) over (partition by event_key) as is_erased_key,
        row_number() over (partition by event_key, source, event_id order by {{ order_of_copies() }}) as copy_number
    from copies

),

-- copies of an erased engagement stay duplicates
superseded_copies as (

    select
        row_key,
        event_key
    from ranked
    where not was_engagement and (copy_number > 1 or is_erased_key = 1)

)

select * from superseded_copies
