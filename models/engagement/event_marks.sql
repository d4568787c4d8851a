{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['event_key', 'source', 'event_id'],
    on_schema_change='fail',
    pre_hook="{{ forget_fingerprint('machine_user_agents', machine_user_agents_fingerprint()) }}",
) }}
{%- set last_build = last_build() %}

with

engagements_to_mark as (

    select * from {{ ref('engagements_to_mark') }}

),

machine_events as (

    select * from {{ ref('machine_events') }}

),

repeats as (

    select * from {{ ref('repeats') }}

),

known_marks as (

    {% if last_build %}
    select * from {{ this }}
    where event_key in (select engagements_to_mark.event_key from engagements_to_mark)
    {% else %}
    select
        *,
        false as is_repeat,
        cast(null as {{ dbt.type_string() }}) as actor,
        cast(null as {{ dbt.type_timestamp() }}) as period_start
    from machine_events
    where false
    {% endif %}

),

-- nine in ten events are neither: to join all of them with each of the three takes far longer
marked as (

    select
        source,
        event_id,
        event_key
    from machine_events

    union

    select
        source,
        event_id,
        event_key
    from repeats

    union

    select
        source,
        event_id,
        event_key
    from known_marks

),

marks as (

    select
        engagements_to_mark.source,
        engagements_to_mark.event_id,
        engagements_to_mark.event_key,
        engagements_to_mark.actor_type,
        engagements_to_mark.actor,
        engagements_to_mark.period_start,
        machine_events.machine_reason,
        repeats.event_key is not null as is_repeat,
        known_marks.machine_reason as known_machine_reason,
        coalesce(known_marks.is_repeat, false) as is_known_repeat,
        -- another copy has taken the first one's place
        known_marks.period_start <> engagements_to_mark.period_start
        or known_marks.actor <> engagements_to_mark.actor as is_of_another_copy
    from marked
    inner join engagements_to_mark
        on {{ is_same_event('marked', 'engagements_to_mark') }}
    left join machine_events
        on {{ is_same_event('engagements_to_mark', 'machine_events') }}
    left join repeats
        on {{ is_same_event('engagements_to_mark', 'repeats') }}
    left join known_marks
        on {{ is_same_event('engagements_to_mark', 'known_marks') }}

),

-- a mark that was taken away stays as a row: it says since which build
changed_marks as (

    select
        source,
        event_id,
        event_key,
        actor_type,
        actor,
        period_start,
        machine_reason,
        is_repeat,
        {{ build_number(this, last_build) }} as build_number
    from marks
    where
        coalesce(machine_reason, '') <> coalesce(known_machine_reason, '')
        or is_repeat <> is_known_repeat
        or is_of_another_copy

)

select * from changed_marks
