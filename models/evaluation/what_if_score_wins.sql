with

-- rows with the same score win as often, so wins are counted once for each score that occurs
scores as (

    select
        outcome,
        rule_number,
        change_number,
        past_as_of,
        fold,
        cents,
        sum(y) as with_outcome,
        sum(1 - y) as without_outcome
    from {{ ref('what_if_scores') }}
    group by outcome, rule_number, change_number, past_as_of, fold, cents

),

{% set partition = 'outcome, rule_number, change_number, past_as_of' %}
with_ties as (

    select
        *,
        sum(with_outcome) over (partition by {{ partition }}, cents) as ties_with_outcome,
        sum(without_outcome) over (partition by {{ partition }}, cents) as ties_without_outcome
    from scores

),

what_if_score_wins as (

    select
        outcome,
        rule_number,
        change_number,
        past_as_of,
        fold,
        cents,
        {{ wins_with_outcome(partition, ties='ties_') }} as wins_with_outcome,
        {{ wins_without_outcome(partition, ties='ties_') }} as wins_without_outcome,
        {{ wins_with_outcome(partition ~ ', fold') }} as fold_wins_with_outcome,
        {{ wins_without_outcome(partition ~ ', fold') }} as fold_wins_without_outcome
    from with_ties

)

select * from what_if_score_wins
