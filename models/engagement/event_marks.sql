{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['event_key', 'source', 'event_id'],
    on_schema_change='fail',
    pre_hook="{{ forget_fingerprint('machine_user_agents', machine_user_agents_fingerprint()) }}",
) }}
{%- set last_build = last_build() %}
{%- set columns = 'source, event_id, event_key, actor_type, actor, period_start' %}

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
        false as is_repeat
    from machine_events
    where false
    {% endif %}

),

-- of nine in ten events there is nothing to say, so these are joined with nothing
said as (

    select
        {{ columns }},
        machine_reason,
        0 as repeats
    from machine_events

    union all

    select
        {{ columns }},
        null as machine_reason,
        1 as repeats
    from repeats

    union all

    -- of what was known, nothing may be true any more
    select
        {{ columns }},
        null as machine_reason,
        0 as repeats
    from engagements_to_mark
    where event_key in (select known_marks.event_key from known_marks)

),

marks as (

    select
        {{ columns }},
        max(machine_reason) as machine_reason,
        max(repeats) = 1 as is_repeat
    from said
    group by {{ columns }}

),

-- a mark that was taken away stays as a row: it says since which build
changed_marks as (

    select
        marks.*,
        {{ build_number(this, last_build) }} as build_number
    from marks
    left join known_marks
        on {{ is_same_event('marks', 'known_marks') }}
    where
        coalesce(marks.machine_reason, '') <> coalesce(known_marks.machine_reason, '')
        or marks.is_repeat <> coalesce(known_marks.is_repeat, false)
        -- another copy has taken the first one's place
        or known_marks.period_start <> marks.period_start
        or known_marks.actor <> marks.actor

)

select * from changed_marks
