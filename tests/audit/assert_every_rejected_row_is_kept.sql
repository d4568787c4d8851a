{{ config(meta=is_check_of('rejected_events')) }}

-- Each raw row that cannot count is in rejected_events, as often as it was read and with its reason. No other row is,
-- unless rows have disappeared from the raw table.
with

raw_rejected_rows as (

    select
        source,
        event_id,
        reject_reason as reason,
        event_type,
        coalesce(occurred_at_as_read, cast(occurred_at as {{ dbt.type_string() }})) as occurred_at,
        received_at,
        row_key
    from {{ ref('event_rows') }}
    where reject_reason is not null

),

erased_rows as (

    select row_key from {{ ref('event_log') }}
    where is_erased

),

both_sides as (

    select
        source,
        event_id,
        reason,
        event_type,
        occurred_at,
        received_at,
        1 as times
    from raw_rejected_rows
    where
        not exists (
            select 1 from erased_rows
            where raw_rejected_rows.row_key = erased_rows.row_key
        )

    union all

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

differences as (

    select
        source,
        event_id,
        reason,
        sum(times) as times_missing
    from both_sides
    group by source, event_id, reason, event_type, occurred_at, received_at
    having sum(times) <> 0

)

select differences.*
from differences
inner join {{ ref('scoring_status') }} as scoring_status
    on differences.source = scoring_status.source
where differences.times_missing > 0 or scoring_status.rows_gone = 0
