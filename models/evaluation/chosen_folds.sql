with

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

changed_wins as (

    select * from {{ ref('changed_wins') }}

),

folds as (

    select
        outcome,
        rule_number,
        change_number,
        fold,
        sum(choosing_wins) as wins,
        sum(choosing_fold_wins) as wins_in_fold
    from changed_wins
    group by outcome, rule_number, change_number, fold

),

-- Wins of the pairs that have no row in the fold. Both rows of a pair have a part in it, so all pairs are half of all
-- parts; those with a row in the fold are the parts of its rows, less the pairs within it, which those count twice.
of_other_folds as (

    select
        outcome,
        rule_number,
        change_number,
        fold,
        sum(wins) over (partition by outcome, rule_number, change_number) / 2 - (wins - wins_in_fold / 2) as wins
    from folds

),

chosen_folds as (

    select
        of_other_folds.outcome,
        of_other_folds.rule_number,
        of_other_folds.change_number,
        of_other_folds.fold
    from of_other_folds
    inner join outcomes
        on of_other_folds.outcome = outcomes.outcome
    where (outcomes.is_wanted and of_other_folds.wins > 0) or (not outcomes.is_wanted and of_other_folds.wins < 0)

)

select * from chosen_folds
