{{ config(materialized='table', post_hook="{{ warn_of_conflicts(this) }}") }}
-- depends_on: {{ ref('erased_rows') }}

with

event_log as {{ not_materialized() }} (

    select * from {{ ref('event_log') }}

),

superseded_copies as (

    select * from {{ ref('superseded_copies') }}

),

-- ids whose copies named different actors or types when they were read: nearly none
suspected_keys as (

    select event_key from event_log
    where is_conflicting

),

copies as (

    select
        event_log.source,
        event_log.event_id,
        event_log.event_key,
        event_log.event_type,
        event_log.actor_key,
        not event_log.is_later_copy and superseded_copies.row_key is null as is_engagement
    from event_log
    left join superseded_copies
        on {{ is_same_row('event_log', 'superseded_copies') }}
    where
        event_log.reject_reason is null
        and event_log.event_key in (select suspected_keys.event_key from suspected_keys)

),

conflicting_duplicates as (

    select
        duplicates.source,
        duplicates.event_id
    from copies as duplicates
    inner join copies as engagements
        on duplicates.event_key = engagements.event_key and duplicates.event_id = engagements.event_id
    where
        engagements.is_engagement
        and not duplicates.is_engagement
        and (
            duplicates.actor_key <> engagements.actor_key
            or duplicates.event_type <> engagements.event_type
        )

)

select * from conflicting_duplicates
