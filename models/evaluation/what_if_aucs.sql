with

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

changed_wins as (

    select * from {{ ref('changed_wins') }}

),

chosen_folds as (

    select * from {{ ref('chosen_folds') }}

),

unseen_pairs as (

    select * from {{ ref('unseen_pairs') }}

),

contact_pairs as (

    select * from {{ ref('contact_pairs') }}

),

-- where the change is not chosen, the unseen rows keep their score
contacts as (

    select
        changed_wins.outcome,
        changed_wins.rule_number,
        changed_wins.change_number,
        changed_wins.wins,
        case when chosen_folds.fold is null then 0 else changed_wins.unseen_wins end as unseen_wins,
        cast(contact_pairs.all_pairs as double precision) as pairs,
        cast(coalesce(unseen_pairs.pairs, 0) as double precision) as unseen_pairs
    from changed_wins
    inner join scoring_rules
        on changed_wins.rule_number = scoring_rules.rule_number
    inner join contact_pairs
        on
            changed_wins.outcome = contact_pairs.outcome
            and scoring_rules.score_number = contact_pairs.score_number
            and changed_wins.contact = contact_pairs.contact
    left join unseen_pairs
        on
            changed_wins.outcome = unseen_pairs.outcome
            and scoring_rules.score_number = unseen_pairs.score_number
            and changed_wins.contact = unseen_pairs.contact
    left join chosen_folds
        on
            changed_wins.outcome = chosen_folds.outcome
            and changed_wins.rule_number = chosen_folds.rule_number
            and changed_wins.change_number = chosen_folds.change_number
            and changed_wins.fold = chosen_folds.fold

),

sums as (

    select
        outcome,
        rule_number,
        change_number,
        sum(pairs) / 2 as pairs,
        sum(unseen_pairs) / 2 as unseen_pairs,
        sum(wins) / nullif(sum(pairs), 0) as auc_change,
        sum(unseen_wins) / nullif(sum(unseen_pairs), 0) as unseen_change,
        sum(wins * wins) as wins_squared,
        sum(wins * pairs) as wins_by_pairs,
        sum(pairs * pairs) as pairs_squared,
        sum(unseen_wins * unseen_wins) as unseen_wins_squared,
        sum(unseen_wins * unseen_pairs) as unseen_wins_by_pairs,
        sum(unseen_pairs * unseen_pairs) as unseen_pairs_squared
    from contacts
    group by outcome, rule_number, change_number

),

-- the sum of (wins - change * pairs) ** 2, multiplied out so that contacts are gone through once; rounding can make it
-- a little less than 0
deviations as (

    select
        *,
        wins_squared - 2 * auc_change * wins_by_pairs + auc_change * auc_change * pairs_squared as deviation,
        unseen_wins_squared - 2 * unseen_change * unseen_wins_by_pairs
        + unseen_change * unseen_change * unseen_pairs_squared as unseen_deviation
    from sums

),

what_if_aucs as (

    select
        outcome,
        rule_number,
        change_number,
        auc_change,
        sqrt(case when deviation > 0 then deviation else 0 end) / nullif(pairs, 0) as auc_change_se,
        unseen_change,
        sqrt(case when unseen_deviation > 0 then unseen_deviation else 0 end) / nullif(unseen_pairs, 0) as unseen_se
    from deviations

)

select * from what_if_aucs
