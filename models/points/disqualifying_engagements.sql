-- kept apart, or every build would look through all events: disqualification looks at a whole life
-- depends_on: {{ ref('erased_events') }} {{ ref('read_events') }} {{ ref('event_marks') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook=[
        "{{ forget_fingerprint('disqualification_rules', disqualification_rules_fingerprint()) }}",
        "{{ forget_changed_periods(this, is_in_changed_period(
            last_build_under('disqualification_rules', disqualification_rules_fingerprint())
        )) }}",
    ],
) }}
{%- set last_build = last_build_under('disqualification_rules', disqualification_rules_fingerprint()) %}
{%- set is_changed = is_in_changed_period(last_build) %}

with

read_events as (

    select * from {{ ref('read_events') }}
    where outcome = 'engagement' and {{ is_changed }}

),

machine_marks as (

    select * from {{ ref('event_marks') }}
    where machine_reason is not null and {{ is_changed }}

),

rules as (

    select * from {{ ref('stg_disqualification_rules') }}

),

event_types as (

    select event_type from rules
    union
    select cleared_by as event_type from rules

),

disqualifying_engagements as (

    select
        read_events.source,
        read_events.event_id,
        read_events.event_type,
        read_events.actor_type,
        read_events.actor,
        read_events.occurred_at,
        read_events.period_start,
        machine_marks.event_key is not null as is_machine
    from read_events
    left join machine_marks
        on {{ is_same_event('read_events', 'machine_marks') }}
    where read_events.event_type in (select event_types.event_type from event_types)

)

select * from disqualifying_engagements
