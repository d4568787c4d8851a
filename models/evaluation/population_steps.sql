{{ config(materialized='view') }}

with

evaluated_steps as (

    select * from {{ ref('evaluated_steps') }}

),

active as (

    select
        outcome,
        score_number,
        past_as_of,
        contact
    from evaluated_steps
    where not with_machines and to_window = 90 and cents <> 0

),

population_steps as (

    select
        case when with_machines then 'with_machines' else 'all' end as population,
        outcome,
        score_number,
        past_as_of,
        contact,
        y,
        from_window,
        to_window,
        cents
    from evaluated_steps

    union all

    select
        'active' as population,
        evaluated_steps.outcome,
        evaluated_steps.score_number,
        evaluated_steps.past_as_of,
        evaluated_steps.contact,
        evaluated_steps.y,
        evaluated_steps.from_window,
        evaluated_steps.to_window,
        evaluated_steps.cents
    from evaluated_steps
    inner join active
        on
            evaluated_steps.outcome = active.outcome
            and evaluated_steps.score_number = active.score_number
            and evaluated_steps.past_as_of = active.past_as_of
            and evaluated_steps.contact = active.contact
    where not evaluated_steps.with_machines

)

select * from population_steps
