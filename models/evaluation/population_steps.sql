with

evaluated_steps as (

    select * from {{ ref('evaluated_steps') }}

),

evaluated_lists as (

    select * from {{ ref('evaluated_lists') }}

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

in_populations as (

    select
        case when evaluated_steps.with_machines then 'with_machines' else 'all' end as population,
        evaluated_steps.*
    from evaluated_steps

    union all

    select
        'active' as population,
        evaluated_steps.*
    from evaluated_steps
    inner join active
        on
            evaluated_steps.outcome = active.outcome
            and evaluated_steps.score_number = active.score_number
            and evaluated_steps.past_as_of = active.past_as_of
            and evaluated_steps.contact = active.contact
    where not evaluated_steps.with_machines

),

population_steps as (

    select
        evaluated_lists.ranking_number,
        evaluated_lists.list_number,
        in_populations.contact,
        in_populations.y,
        in_populations.from_window,
        in_populations.to_window,
        in_populations.cents
    from in_populations
    inner join evaluated_lists
        on
            in_populations.population = evaluated_lists.population
            and in_populations.outcome = evaluated_lists.outcome
            and in_populations.score_number = evaluated_lists.score_number
            and in_populations.past_as_of = evaluated_lists.past_as_of

)

select * from population_steps
