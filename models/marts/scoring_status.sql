{{ config(materialized='table') }}

with

event_rows as (

    select * from {{ ref('event_rows') }}

),

event_copies as (

    select * from {{ ref('event_copies') }}

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
        source,
        count(*) as rows_read,
        max(received_at) as newest_received_at
    from event_rows
    group by source

),

engagements as (

    select
        source,
        count(*) as engagements
    from {{ ref('engagements') }}
    group by source

),

duplicates as (

    select
        source,
        count(*) as duplicates
    from event_copies
    where
        copy_number > 1
        and not exists (
            select 1
            from erased_actors
            where
                erased_actors.actor_type = event_copies.actor_type
                and erased_actors.actor = event_copies.actor
        )
    group by source

),

rejected as (

    select
        source,
        count(*) as rejected
    from {{ ref('rejected_events') }}
    group by source

),

erased as (

    select
        event_rows.source,
        count(*) as erased
    from event_rows
    inner join erased_actors
        on
            event_rows.actor_type = erased_actors.actor_type
            and event_rows.actor = erased_actors.actor
    group by event_rows.source

),

scoring_status as (

    select
        sources.source,
        coalesce(rows_read.rows_read, 0) as rows_read,
        coalesce(engagements.engagements, 0) as engagements,
        coalesce(duplicates.duplicates, 0) as duplicates,
        coalesce(rejected.rejected, 0) as rejected,
        coalesce(erased.erased, 0) as erased,
        rows_read.newest_received_at,
        {{ as_of() }} as as_of
    from sources
    left join rows_read on sources.source = rows_read.source
    left join engagements on sources.source = engagements.source
    left join duplicates on sources.source = duplicates.source
    left join rejected on sources.source = rejected.source
    left join erased on sources.source = erased.source

)

select * from scoring_status
