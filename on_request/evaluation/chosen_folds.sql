with

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

rankings as (

    select distinct
        ranking_number,
        outcome
    from {{ ref('evaluated_lists') }}

),

changed_wins as (

    select * from {{ ref('changed_wins') }}

),

-- a fold whose contacts win as much as before is chosen for by the others, too
folds as (

    {% for fold in range(folds()) %}
    select
        ranking_number,
        rule_number,
        change_number,
        {{ fold }} as fold,
        sum(choosing_wins) / 2 as all_wins,
        sum(case when fold = {{ fold }} then choosing_wins else 0 end) as wins,
        sum(case when fold = {{ fold }} then choosing_fold_wins else 0 end) as wins_in_fold
    from changed_wins
    group by ranking_number, rule_number, change_number
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- Wins of the pairs that have no row in the fold. Both rows of a pair have a part in it, so all pairs are half of all
-- parts; those with a row in the fold are the parts of its rows, less the pairs within it, which those count twice.
of_other_folds as (

    select
        *,
        all_wins - (wins - wins_in_fold / 2) as other_wins
    from folds

),

chosen_folds as (

    select
        of_other_folds.ranking_number,
        of_other_folds.rule_number,
        of_other_folds.change_number,
        of_other_folds.fold
    from of_other_folds
    inner join rankings
        on of_other_folds.ranking_number = rankings.ranking_number
    inner join outcomes
        on rankings.outcome = outcomes.outcome
    where
        (outcomes.is_wanted and of_other_folds.other_wins > 0)
        or (not outcomes.is_wanted and of_other_folds.other_wins < 0)

)

select * from chosen_folds
