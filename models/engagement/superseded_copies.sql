{{ config(materialized='table') }}

with

-- not kept for its readers, each of whom wants a few columns or rows
event_log as {{ not_materialized() }} (

    select * from {{ ref('event_log') }}

),

-- nearly none: an earlier copy that came in later than another one
contested_keys as (

    select event_key from event_log
    where is_earlier_copy

),

-- by number first: every column is wanted, of a few rows
contested_rows as (

    select log_id from event_log
    where event_key in (select contested_keys.event_key from contested_keys)

),

copies as (

    select * from event_log
    where
        log_id in (select contested_rows.log_id from contested_rows)
        and not is_later_copy
        and (reject_reason is null or was_engagement)

),

ranked as (

    select
        log_id,
        was_engagement,
        max(case when was_engagement then 1 else 0 end) over (partition by event_key) as is_erased_key,
        row_number() over (
            partition by event_key, source, event_id
            order by
                received_at,
                occurred_at,
                event_type,
                actor,
                {% for column in optional_event_columns() %}
                {{ column }} nulls last,
                {% endfor %}
                is_flagged_machine,
                log_id
        ) as copy_number
    from copies

),

-- the copies of an engagement that was erased stay duplicates
superseded_copies as (

    select log_id from ranked
    where not was_engagement and (copy_number > 1 or is_erased_key = 1)

)

select * from superseded_copies
