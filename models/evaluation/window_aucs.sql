with

contact_wins as (

    select * from {{ ref('contact_wins') }}

),

evaluated_counts as (

    select * from {{ ref('evaluated_counts') }}

),

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

aucs as (

    select
        population,
        outcome,
        score_number,
        window_days,
        sum(wins) / 2 as wins
    from contact_wins
    group by population, outcome, score_number, window_days

),

-- of equally good windows the shortest is the best
window_aucs as (

    select
        aucs.population,
        aucs.outcome,
        aucs.score_number,
        aucs.window_days,
        aucs.wins / nullif(evaluated_counts.pairs, 0) as auc,
        case when outcomes.is_wanted then 1 else -1 end as direction,
        first_value(aucs.window_days) over (
            partition by aucs.population, aucs.outcome, aucs.score_number
            order by case when outcomes.is_wanted then -aucs.wins else aucs.wins end, aucs.window_days
        ) as best_window
    from aucs
    inner join outcomes
        on aucs.outcome = outcomes.outcome
    inner join evaluated_counts
        on
            aucs.population = evaluated_counts.population
            and aucs.outcome = evaluated_counts.outcome
            and aucs.score_number = evaluated_counts.score_number

)

select * from window_aucs
