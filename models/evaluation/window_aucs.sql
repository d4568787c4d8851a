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
        ranking_number,
        window_days,
        sum(wins) / 2 as wins
    from contact_wins
    group by ranking_number, window_days

),

-- of equally good windows the shortest is the best
window_aucs as (

    select
        aucs.ranking_number,
        evaluated_counts.population,
        evaluated_counts.outcome,
        evaluated_counts.score_number,
        aucs.window_days,
        aucs.wins / nullif(evaluated_counts.pairs, 0) as auc,
        case when outcomes.is_wanted then 1 else -1 end as direction,
        first_value(aucs.window_days) over (
            partition by aucs.ranking_number
            order by case when outcomes.is_wanted then -aucs.wins else aucs.wins end, aucs.window_days
        ) as best_window
    from aucs
    inner join evaluated_counts
        on aucs.ranking_number = evaluated_counts.ranking_number
    inner join outcomes
        on evaluated_counts.outcome = outcomes.outcome

)

select * from window_aucs
