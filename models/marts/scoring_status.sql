{{ config(materialized='table') }}
-- depends_on: {{ ref('erased_rows') }}

with

log_days as (

    select
        source,
        {{ received_on() }} as received_on,
        sum(case when reject_reason is null and not is_later_copy then 1 else 0 end) as first_copies,
        sum(case when reject_reason is null and is_later_copy then 1 else 0 end) as later_copies,
        sum(case when reject_reason is not null and not is_erased then 1 else 0 end) as rejected,
        sum(case when not is_erased then 1 else 0 end) as live_rows,
        sum(case when is_erased then 1 else 0 end) as erased_rows,
        max(received_at) as newest_received_at
    from {{ ref('event_log') }}
    group by source, {{ received_on() }}

),

superseded as (

    select
        event_log.source,
        count(*) as superseded_copies
    from {{ ref('superseded_copies') }} as superseded_copies
    inner join {{ ref('event_log') }} as event_log
        on {{ is_same_row('superseded_copies', 'event_log') }}
    where event_log.reject_reason is null and not event_log.is_later_copy
    group by event_log.source

),

conflicting as (

    select
        source,
        count(*) as conflicting_duplicates
    from {{ ref('conflicting_duplicates') }}
    group by source

),

raw_days as (

    select
        raw_table as source,
        coalesce(received_on, date '0001-01-01') as received_on,
        row_count
    from {{ ref('raw_row_counts') }}

),

sources as (

    {% for source in event_sources() %}
    select '{{ source }}' as source{{ ' union all' if not loop.last }}
    {% endfor %}

),

-- rows that disappeared from a raw table are kept; its owner may have removed rows of deleted contacts
days as (

    select
        log_days.*,
        raw_days.row_count,
        greatest(log_days.live_rows - coalesce(raw_days.row_count, 0), 0) as gone_rows,
        least(log_days.erased_rows, greatest(coalesce(raw_days.row_count, 0) - log_days.live_rows, 0)) as erased
    from log_days
    left join raw_days
        on log_days.source = raw_days.source and log_days.received_on = raw_days.received_on

),

counted as (

    select
        source,
        sum(first_copies) as first_copies,
        sum(later_copies) as later_copies,
        sum(rejected) as rejected,
        sum(erased) as erased,
        sum(gone_rows) as gone_rows,
        max(newest_received_at) as newest_received_at
    from days
    group by source

),

raw_tables as (

    select
        source,
        sum(row_count) as row_count
    from raw_days
    group by source

),

scoring_status as (

    select
        sources.source,
        cast(coalesce(raw_tables.row_count, 0) + coalesce(counted.gone_rows, 0) as bigint) as rows_read,
        cast(coalesce(counted.first_copies, 0) - coalesce(superseded.superseded_copies, 0) as bigint) as engagements,
        cast(coalesce(counted.later_copies, 0) + coalesce(superseded.superseded_copies, 0) as bigint) as duplicates,
        cast(coalesce(conflicting.conflicting_duplicates, 0) as bigint) as conflicting_duplicates,
        cast(coalesce(counted.rejected, 0) as bigint) as rejected,
        cast(coalesce(counted.erased, 0) as bigint) as erased,
        cast(coalesce(counted.gone_rows, 0) as bigint) as rows_gone,
        counted.newest_received_at,
        {{ as_of() }} as as_of
    from sources
    left join raw_tables on sources.source = raw_tables.source
    left join counted on sources.source = counted.source
    left join superseded on sources.source = superseded.source
    left join conflicting on sources.source = conflicting.source

)

select * from scoring_status
