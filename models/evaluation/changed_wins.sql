{{ config(materialized='view') }}

with

what_if_wins as (

    select * from {{ ref('what_if_wins') }}

),

-- against the rule as it is
changed_wins as (

    select
        changed.outcome,
        changed.rule_number,
        changed.change_number,
        changed.contact,
        changed.fold,
        changed.wins - usual.wins as wins,
        changed.choosing_wins - usual.choosing_wins as choosing_wins,
        changed.choosing_fold_wins - usual.choosing_fold_wins as choosing_fold_wins,
        changed.unseen_wins - usual.unseen_wins as unseen_wins
    from what_if_wins as changed
    inner join what_if_wins as usual
        on
            changed.outcome = usual.outcome
            and changed.rule_number = usual.rule_number
            and changed.contact = usual.contact
            and usual.change_number = 0
    where changed.change_number > 0

)

select * from changed_wins
