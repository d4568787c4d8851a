{{ config(schema='marts') }}

with

half_life_wins as (

    select * from {{ ref('half_life_wins') }}

),

contact_pairs as (

    select * from {{ ref('contact_pairs') }}

),

evaluated_counts as (

    select * from {{ ref('evaluated_counts') }}
    where population = 'all'

),

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

score_names as (

    select distinct
        score_number,
        score_name
    from {{ ref('stg_scoring_rules') }}

),

aucs as (

    select
        half_life_wins.half_life_days,
        half_life_wins.ranking_number,
        sum(half_life_wins.wins) / 2 / nullif(evaluated_counts.pairs, 0) as auc
    from half_life_wins
    inner join evaluated_counts
        on half_life_wins.ranking_number = evaluated_counts.ranking_number
    group by half_life_wins.half_life_days, half_life_wins.ranking_number, evaluated_counts.pairs

),

-- by how much a contact's wins differ from those that the AUC makes one expect
deviations as (

    select
        half_life_wins.half_life_days,
        half_life_wins.ranking_number,
        half_life_wins.contact,
        aucs.auc,
        half_life_wins.wins - aucs.auc * contact_pairs.all_pairs as deviation
    from half_life_wins
    inner join aucs
        on
            half_life_wins.half_life_days = aucs.half_life_days
            and half_life_wins.ranking_number = aucs.ranking_number
    inner join contact_pairs
        on
            half_life_wins.ranking_number = contact_pairs.ranking_number
            and half_life_wins.contact = contact_pairs.contact

),

beside_none as (

    select
        deviations.*,
        undecayed.auc as auc_of_none,
        undecayed.deviation as deviation_of_none
    from deviations
    inner join deviations as undecayed
        on
            deviations.ranking_number = undecayed.ranking_number
            and deviations.contact = undecayed.contact
            and undecayed.half_life_days = 0

),

squares as (

    select
        half_life_days,
        ranking_number,
        auc,
        auc_of_none,
        sqrt(sum(deviation * deviation)) as deviation,
        sqrt(sum((deviation - deviation_of_none) * (deviation - deviation_of_none))) as deviation_from_none
    from beside_none
    group by half_life_days, ranking_number, auc, auc_of_none

),

half_life_performance as (

    select
        evaluated_counts.outcome,
        score_names.score_name,
        nullif(squares.half_life_days, 0) as half_life_days,
        case when evaluated_counts.has_figures then squares.auc end as auc,
        case when evaluated_counts.has_figures then squares.deviation / evaluated_counts.pairs end as auc_se,
        case
            when not evaluated_counts.has_best then null
            when outcomes.is_wanted then squares.auc - squares.auc_of_none
            else squares.auc_of_none - squares.auc
        end as difference_to_none,
        case when evaluated_counts.has_best then squares.deviation_from_none / evaluated_counts.pairs end
            as difference_se,
        {{ as_of() }} as as_of
    from squares
    inner join evaluated_counts
        on squares.ranking_number = evaluated_counts.ranking_number
    inner join outcomes
        on evaluated_counts.outcome = outcomes.outcome
    inner join score_names
        on evaluated_counts.score_number = score_names.score_number

)

select * from half_life_performance
