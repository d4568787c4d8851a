with

what_if_scores as (

    select * from {{ ref('what_if_scores') }}

),

score_wins as (

    select * from {{ ref('what_if_score_wins') }}

),

row_wins as (

    select
        what_if_scores.outcome,
        what_if_scores.rule_number,
        what_if_scores.change_number,
        what_if_scores.contact,
        what_if_scores.fold,
        what_if_scores.is_for_choosing,
        {{ wins_of_row('what_if_scores', 'score_wins') }} as wins,
        {{ wins_of_row('what_if_scores', 'score_wins', among='fold_') }} as fold_wins
    from what_if_scores
    inner join score_wins
        on
            what_if_scores.outcome = score_wins.outcome
            and what_if_scores.rule_number = score_wins.rule_number
            and what_if_scores.change_number = score_wins.change_number
            and what_if_scores.past_as_of = score_wins.past_as_of
            and what_if_scores.fold = score_wins.fold
            and what_if_scores.cents = score_wins.cents

),

what_if_wins as (

    select
        outcome,
        rule_number,
        change_number,
        contact,
        fold,
        sum(wins) as wins,
        sum(case when is_for_choosing then wins else 0 end) as choosing_wins,
        sum(case when is_for_choosing then fold_wins else 0 end) as choosing_fold_wins,
        sum(case when is_for_choosing then 0 else fold_wins end) as unseen_wins
    from row_wins
    group by outcome, rule_number, change_number, contact, fold

)

select * from what_if_wins
