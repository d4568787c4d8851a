{{ config(materialized='table') }}

with

event_rows as (

    select * from {{ ref('event_rows') }}

),

erased_actors as (

    select * from {{ ref('erased_actors') }}

),

sources as (

    {% for source in event_sources() %}
    select '{{ source }}' as source{{ ' union all' if not loop.last }}
    {% endfor %}

),

rows_read as (

    select
        event_rows.source,
        count(*) as rows_read,
        count(erased_actors.actor_hash) as erased,
        sum(
            case when event_rows.reject_reason is null and erased_actors.actor_hash is null then 1 else 0 end
        ) as valid_copies,
        max(event_rows.received_at) as newest_received_at
    from event_rows
    left join erased_actors
        on
            event_rows.actor_type = erased_actors.actor_type
            and {{ dbt.hash('event_rows.actor') }} = erased_actors.actor_hash
    group by event_rows.source

),

engagements as (

    select
        source,
        count(*) as engagements
    from {{ ref('engagements') }}
    group by source

),

rejected as (

    select
        source,
        count(*) as rejected
    from {{ ref('rejected_events') }}
    group by source

),

scoring_status as (

    select
        sources.source,
        coalesce(rows_read.rows_read, 0) as rows_read,
        coalesce(engagements.engagements, 0) as engagements,
        cast(coalesce(rows_read.valid_copies, 0) as bigint) - coalesce(engagements.engagements, 0) as duplicates,
        coalesce(rejected.rejected, 0) as rejected,
        coalesce(rows_read.erased, 0) as erased,
        rows_read.newest_received_at,
        {{ as_of() }} as as_of
    from sources
    left join rows_read on sources.source = rows_read.source
    left join engagements on sources.source = engagements.source
    left join rejected on sources.source = rejected.source

)

select * from scoring_status
