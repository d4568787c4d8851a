with

population_steps as (

    select * from {{ ref('population_steps') }}

),

score_windows as (

    select * from {{ ref('score_windows') }}

),

score_wins as (

    select * from {{ ref('score_wins') }}

),

contact_wins as (

    select
        population_steps.population,
        population_steps.outcome,
        population_steps.score_number,
        score_windows.window_days,
        population_steps.contact,
        sum({{ wins_of_row('population_steps', 'score_wins') }}) as wins
    from population_steps
    inner join score_windows
        on score_windows.window_days between population_steps.from_window and population_steps.to_window
    inner join score_wins
        on
            population_steps.population = score_wins.population
            and population_steps.outcome = score_wins.outcome
            and population_steps.score_number = score_wins.score_number
            and population_steps.past_as_of = score_wins.past_as_of
            and score_windows.window_days = score_wins.window_days
            and population_steps.cents = score_wins.cents
    group by
        population_steps.population, population_steps.outcome, population_steps.score_number,
        score_windows.window_days, population_steps.contact

)

select * from contact_wins
