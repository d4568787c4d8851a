with

as_ofs as (

    select
        outcome_as_ofs.outcome,
        outcome_as_ofs.past_as_of,
        cast(outcome_as_ofs.past_as_of as date) as past_day,
        outcomes.horizon_days
    from {{ ref('outcome_as_ofs') }} as outcome_as_ofs
    inner join {{ ref('stg_outcomes') }} as outcomes
        on outcome_as_ofs.outcome = outcomes.outcome

),

evaluated_contacts as (

    select * from {{ ref('evaluated_contacts') }}

),

past_outcomes as (

    select * from {{ ref('past_outcomes') }}

),

outcome_events as (

    select * from {{ ref('outcome_events') }}

),

-- had the outcome before, by what was known then
had_before as (

    select distinct
        as_ofs.outcome,
        as_ofs.past_as_of,
        past_outcomes.contact
    from as_ofs
    inner join past_outcomes
        on as_ofs.outcome = past_outcomes.outcome and {{ holds_at('as_ofs.past_day', 'past_outcomes') }}

),

-- have it within the horizon, by all that is known today
with_outcome as (

    select distinct
        as_ofs.outcome,
        as_ofs.past_as_of,
        outcome_events.contact
    from as_ofs
    inner join outcome_events
        on
            as_ofs.outcome = outcome_events.outcome
            and as_ofs.past_day <= outcome_events.occurred_day
            and as_ofs.past_day + as_ofs.horizon_days > outcome_events.occurred_day

),

possible_outcomes as (

    select
        as_ofs.outcome,
        as_ofs.past_as_of,
        evaluated_contacts.contact,
        case when with_outcome.contact is null then 0 else 1 end as y
    from as_ofs
    cross join evaluated_contacts
    left join had_before
        on
            as_ofs.outcome = had_before.outcome
            and as_ofs.past_as_of = had_before.past_as_of
            and evaluated_contacts.contact = had_before.contact
    left join with_outcome
        on
            as_ofs.outcome = with_outcome.outcome
            and as_ofs.past_as_of = with_outcome.past_as_of
            and evaluated_contacts.contact = with_outcome.contact
    where had_before.contact is null

)

select * from possible_outcomes
