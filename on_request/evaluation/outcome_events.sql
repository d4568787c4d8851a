with

engagements as (

    select * from {{ ref('engagements') }}
    where machine_reason is null

),

actors as (

    select * from {{ ref('actors') }}

),

evaluated_contacts as (

    select * from {{ ref('evaluated_contacts') }}

),

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

-- by all rows, owned as today
occurred as (

    select
        outcomes.outcome,
        outcomes.repeats,
        evaluated_contacts.contact,
        cast(engagements.occurred_at as date) as occurred_day
    from engagements
    inner join outcomes
        on engagements.event_type = outcomes.event_type and {{ passes_filter('engagements', 'outcomes') }}
    inner join actors
        on engagements.owner_key = actors.actor_key
    inner join evaluated_contacts
        on actors.contact = evaluated_contacts.contact

),

-- a later one counts only of an outcome that repeats
outcome_events as (

    select distinct
        outcome,
        contact,
        occurred_day
    from occurred
    where repeats

    union all

    select
        outcome,
        contact,
        min(occurred_day) as occurred_day
    from occurred
    where not repeats
    group by outcome, contact

)

select * from outcome_events
