with

population_steps as (

    select * from {{ ref('population_steps') }}

),

score_windows as (

    select * from {{ ref('score_windows') }}

),

-- rows with the same score win as often, so wins are counted once for each score that occurs
scores as (

    select
        population_steps.population,
        population_steps.outcome,
        population_steps.score_number,
        population_steps.past_as_of,
        score_windows.window_days,
        population_steps.cents,
        sum(population_steps.y) as with_outcome,
        sum(1 - population_steps.y) as without_outcome
    from population_steps
    inner join score_windows
        on score_windows.window_days between population_steps.from_window and population_steps.to_window
    group by
        population_steps.population, population_steps.outcome, population_steps.score_number,
        population_steps.past_as_of, score_windows.window_days, population_steps.cents

),

-- a row with the outcome wins against lower scores, one without it against higher ones; a tie is half a win
score_wins as (

    select
        population,
        outcome,
        score_number,
        past_as_of,
        window_days,
        cents,
        {{ wins_with_outcome('population, outcome, score_number, past_as_of, window_days') }} as wins_with_outcome,
        {{ wins_without_outcome('population, outcome, score_number, past_as_of, window_days') }} as wins_without_outcome
    from scores

)

select * from score_wins
