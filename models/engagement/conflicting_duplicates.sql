{{ config(materialized='table', post_hook="{{ warn_of_conflicts(this) }}") }}
-- depends_on: {{ ref('erased_rows') }}

with

event_log as {{ not_materialized() }} (

    select * from {{ ref('event_log') }}

),

superseded_copies as (

    select * from {{ ref('superseded_copies') }}

),

-- ids whose copies named different actors or types when they were read; hardly any
suspected_keys as (

    select event_key from event_log
    where is_conflicting

),

-- filter before the join, or the planner expects many rows and builds a hash table of the whole log
suspected_copies as (

    select * from event_log
    where
        reject_reason is null
        and event_key in (select suspected_keys.event_key from suspected_keys)

),

copies as (

    select
        suspected_copies.source,
        suspected_copies.event_id,
        suspected_copies.event_key,
        suspected_copies.event_type,
        suspected_copies.actor_key,
        not suspected_copies.is_later_copy and superseded_copies.row_key is null as is_engagement
    from suspected_copies
    left join superseded_copies
        on {{ is_same_row('suspected_copies', 'superseded_copies') }}

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
