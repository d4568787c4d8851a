-- only once everything was read, marked and counted, so that a build that stops halfway is done again
-- depends_on: {{ ref('period_counts') }} {{ ref('linking_engagements') }} {{ ref('disqualifying_engagements') }}
{{ config(materialized='table') }}
{%- set last_build = last_build() %}

with

new_rows as (

    select
        source,
        received_at,
        has_received_at
    from {{ ref('read_events') }}
    where {{ is_new(last_build) }}

    union all

    select
        source,
        received_at,
        has_received_at
    from {{ ref('erased_events') }}
    where {{ is_new(last_build) }}

),

sources as (

    {% for source in event_sources() %}
    select '{{ source }}' as source{{ ' union all' if not loop.last }}
    {% endfor %}

),

newest_rows as (

    select
        source,
        max(received_at) as newest_received_at,
        -- a row from the future must not hide what comes in before its time
        max(case when has_received_at and received_at <= {{ as_of() }} then received_at end) as read_until
    from new_rows
    group by source

),

build_numbers as (

    {% for model in ['read_events', 'event_marks', 'erased_actors', 'erased_events'] %}
    select max(build_number) as build_number from {{ ref(model) }}
    union all
    {% endfor %}
    select {{ last_build.build_number if last_build else 1 }} as build_number

),

this_build as (

    select max(build_number) as build_number from build_numbers

),

known as (

    {% if last_build %}
    select * from {{ this }}
    {% else %}
    select * from newest_rows
    where false
    {% endif %}

),

last_build as (

    select
        sources.source,
        this_build.build_number,
        {{ as_of() }} as as_of,
        greatest(known.read_until, newest_rows.read_until) as read_until,
        greatest(known.newest_received_at, newest_rows.newest_received_at) as newest_received_at,
        '{{ input_fingerprint() }}' as input,
        '{{ machine_user_agents_fingerprint() }}' as machine_user_agents,
        '{{ scoring_rules_fingerprint() }}' as scoring_rules,
        '{{ disqualification_rules_fingerprint() }}' as disqualification_rules
    from sources
    cross join this_build
    left join newest_rows
        on sources.source = newest_rows.source
    left join known
        on sources.source = known.source

)

select * from last_build
