{{ config(materialized='table') }}

with

actors as (

    select * from {{ ref('actors') }}

),

engagements as (

    select * from {{ ref('disqualifying_engagements') }}
    where occurred_at < {{ as_of() }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

rules as (

    select * from {{ ref('stg_disqualification_rules') }}

),

disqualifying_events as (

    select
        engagements.source,
        engagements.event_id,
        engagements.actor_type,
        engagements.actor,
        engagements.occurred_at,
        rules.event_type,
        rules.min_occurrences,
        rules.applies_to,
        rules.cleared_by
    from engagements
    inner join rules
        on engagements.event_type = rules.event_type

),

occurred as (

    select
        disqualifying_events.*,
        actors.contact_id,
        count(*) over (
            partition by actors.contact_id, disqualifying_events.event_type
        ) as occurrences_ever
    from disqualifying_events
    inner join actors
        on
            disqualifying_events.actor_type = actors.actor_type
            and disqualifying_events.actor = actors.actor
    inner join present_contacts
        on actors.contact_id = present_contacts.contact_id
    where
        disqualifying_events.applies_to = 'contact'
        or (actors.actor_type = 'email' and actors.actor = present_contacts.email_address)

),

-- the few whom a clearing event could make a difference to: every fifth event is a delivery
clearable as (

    select distinct
        contact_id,
        event_type,
        applies_to,
        cleared_by
    from occurred
    where cleared_by is not null and occurrences_ever >= min_occurrences

),

clearing_actors as (

    select
        clearable.contact_id,
        clearable.event_type,
        clearable.cleared_by,
        actors.actor_type,
        actors.actor
    from clearable
    inner join actors
        on clearable.contact_id = actors.contact_id
    inner join present_contacts
        on clearable.contact_id = present_contacts.contact_id
    where
        clearable.applies_to = 'contact'
        or (actors.actor_type = 'email' and actors.actor = present_contacts.email_address)

),

last_clears as (

    select
        clearing_actors.contact_id,
        clearing_actors.event_type,
        max(engagements.occurred_at) as cleared_at
    from engagements
    inner join clearing_actors
        on
            engagements.event_type = clearing_actors.cleared_by
            and engagements.actor_type = clearing_actors.actor_type
            and engagements.actor = clearing_actors.actor
    where not engagements.is_machine
    group by clearing_actors.contact_id, clearing_actors.event_type

),

standing as (

    select
        occurred.contact_id,
        occurred.event_type,
        occurred.min_occurrences,
        occurred.event_id,
        occurred.occurred_at,
        row_number() over (
            partition by occurred.contact_id, occurred.event_type
            order by occurred.occurred_at, occurred.event_id, occurred.source
        ) as occurrence,
        count(*) over (partition by occurred.contact_id, occurred.event_type) as occurrences
    from occurred
    left join last_clears
        on
            occurred.contact_id = last_clears.contact_id
            and occurred.event_type = last_clears.event_type
    -- a clearing event clears what is strictly earlier
    where last_clears.cleared_at is null or occurred.occurred_at >= last_clears.cleared_at

),

disqualifications as (

    select
        contact_id,
        event_type,
        max(occurrences) as occurrences,
        max(case when occurrence = min_occurrences then occurred_at end) as disqualified_at,
        max(case when occurrence = occurrences then event_id end) as last_event_id
    from standing
    where occurrences >= min_occurrences
    group by contact_id, event_type

)

select * from disqualifications
