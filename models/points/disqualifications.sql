-- depends_on: {{ ref('erased_rows') }}
{{ config(materialized='table') }}

with

-- not kept for its readers, each of whom wants a few columns or rows
event_log as {{ not_materialized() }} (

    select * from {{ ref('event_log') }}
    where reject_reason is null and not is_later_copy and occurred_at < {{ as_of() }}

),

superseded_copies as (

    select * from {{ ref('superseded_copies') }}

),

machine_user_agents as (

    select * from {{ ref('machine_user_agents_seen') }}

),

click_bursts as (

    select * from {{ ref('click_bursts') }}

),

actors as (

    select * from {{ ref('actors') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

rules as (

    select * from {{ ref('stg_disqualification_rules') }}

),

occurred as (

    select
        rules.*,
        present_contacts.contact,
        present_contacts.address_key,
        event_log.event_id,
        event_log.source,
        event_log.occurred_at,
        count(*) over (partition by present_contacts.contact, rules.event_type) as occurrences_ever
    from event_log
    inner join rules
        on event_log.event_type = rules.event_type
    inner join actors
        on event_log.actor_key = actors.actor_key
    inner join present_contacts
        on actors.contact = present_contacts.contact
    where
        (rules.applies_to = 'contact' or event_log.actor_key = present_contacts.address_key)
        and not exists (
            select 1 from superseded_copies
            where {{ is_same_row('event_log', 'superseded_copies') }}
        )

),

-- the few whom a clearing event could make a difference to: every fifth event is a delivery
clearable as (

    select distinct
        contact,
        address_key,
        event_type,
        applies_to,
        cleared_by
    from occurred
    where cleared_by is not null and occurrences_ever >= min_occurrences

),

last_clears as (

    select
        clearable.contact,
        clearable.event_type,
        max(event_log.occurred_at) as cleared_at
    from event_log
    inner join actors
        on event_log.actor_key = actors.actor_key
    inner join clearable
        on
            actors.contact = clearable.contact
            and event_log.event_type = clearable.cleared_by
            and (clearable.applies_to = 'contact' or event_log.actor_key = clearable.address_key)
    left join machine_user_agents
        on event_log.user_agent = machine_user_agents.user_agent
    left join click_bursts
        on {{ is_same_row('event_log', 'click_bursts') }}
    left join superseded_copies
        on {{ is_same_row('event_log', 'superseded_copies') }}
    where superseded_copies.row_key is null and {{ machine_reason() }} is null
    group by clearable.contact, clearable.event_type

),

standing as (

    select
        occurred.contact,
        occurred.event_type,
        occurred.min_occurrences,
        occurred.event_id,
        occurred.occurred_at,
        row_number() over (
            partition by occurred.contact, occurred.event_type
            order by occurred.occurred_at, occurred.event_id, occurred.source
        ) as occurrence,
        count(*) over (partition by occurred.contact, occurred.event_type) as occurrences
    from occurred
    left join last_clears
        on
            occurred.contact = last_clears.contact
            and occurred.event_type = last_clears.event_type
    -- a clearing event clears what is strictly earlier
    where last_clears.cleared_at is null or occurred.occurred_at >= last_clears.cleared_at

),

disqualifications as (

    select
        contact,
        event_type,
        max(occurrences) as occurrences,
        max(case when occurrence = min_occurrences then occurred_at end) as disqualified_at,
        max(case when occurrence = occurrences then event_id end) as last_event_id
    from standing
    where occurrences >= min_occurrences
    group by contact, event_type

)

select * from disqualifications
