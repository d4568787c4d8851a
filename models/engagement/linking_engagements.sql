-- kept apart, or every build would look through all events for the few that link somebody
-- depends_on: {{ ref('read_events') }} {{ ref('event_marks') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook="{{ forget_changed_periods(this, is_in_changed_period(last_build())) }}",
) }}
{%- set is_changed = is_in_changed_period(last_build()) %}

with

read_events as (

    select * from {{ ref('read_events') }}
    where outcome = 'engagement' and {{ is_changed }}

),

machine_marks as (

    select * from {{ ref('event_marks') }}
    where machine_reason is not null and {{ is_changed }}

),

-- a machine links nobody
linking_engagements as (

    select
        read_events.source,
        read_events.event_id,
        read_events.event_key,
        read_events.event_type,
        read_events.actor_type,
        read_events.actor,
        read_events.occurred_at,
        read_events.period_start,
        read_events.email_click_event_id,
        read_events.email_address
    from read_events
    left join machine_marks
        on {{ is_same_event('read_events', 'machine_marks') }}
    where
        machine_marks.event_key is null
        and (
            read_events.references_key is not null
            or (read_events.source = 'email_events' and read_events.event_type = 'email_click')
        )

)

select * from linking_engagements
