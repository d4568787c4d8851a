{{ config(materialized='table') }}

with

read_events as (

    select
        source,
        sum(case when outcome = 'engagement' then 1 else 0 end) as engagements,
        sum(case when outcome = 'duplicate' then 1 else 0 end) as duplicates,
        sum(case when outcome = 'rejected' then 1 else 0 end) as rejected
    from {{ ref('read_events') }}
    group by source

),

erased_events as (

    select
        source,
        count(*) as erased
    from {{ ref('erased_events') }}
    -- their owner may have taken some out of the raw table too
    where is_in_raw_table
    group by source

),

last_build as (

    select * from {{ ref('last_build') }}

),

raw_row_counts as (

    select * from {{ ref('raw_row_counts') }}

),

rows_read as (

    select
        raw_table as source,
        row_count as rows_read
    from raw_row_counts
    where
        raw_table in (
            {% for source in event_sources() %}
            '{{ source }}'{{ ',' if not loop.last }}
            {% endfor %}
        )

),

counted as (

    select
        rows_read.source,
        rows_read.rows_read,
        cast(coalesce(read_events.engagements, 0) as bigint) as engagements,
        cast(coalesce(read_events.duplicates, 0) as bigint) as duplicates,
        cast(coalesce(read_events.rejected, 0) as bigint) as rejected,
        cast(coalesce(erased_events.erased, 0) as bigint) as erased,
        last_build.newest_received_at,
        {{ as_of() }} as as_of
    from rows_read
    left join read_events on rows_read.source = read_events.source
    left join erased_events on rows_read.source = erased_events.source
    left join last_build on rows_read.source = last_build.source

)

select * from counted
