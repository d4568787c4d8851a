with

rule_rows as (

    select * from {{ ref('rule_rows') }}

),

scores as (

    select
        outcome,
        rule_number,
        past_as_of,
        cents,
        sum(y) as with_outcome,
        sum(1 - y) as without_outcome
    from rule_rows
    group by outcome, rule_number, past_as_of, cents

),

score_wins as (

    select
        outcome,
        rule_number,
        past_as_of,
        cents,
        {{ wins_with_outcome('outcome, rule_number, past_as_of') }} as wins_with_outcome,
        {{ wins_without_outcome('outcome, rule_number, past_as_of') }} as wins_without_outcome
    from scores

),

rule_wins as (

    select
        rule_rows.outcome,
        rule_rows.rule_number,
        rule_rows.contact,
        sum({{ wins_of_row('rule_rows', 'score_wins') }}) as wins
    from rule_rows
    inner join score_wins
        on
            rule_rows.outcome = score_wins.outcome
            and rule_rows.rule_number = score_wins.rule_number
            and rule_rows.past_as_of = score_wins.past_as_of
            and rule_rows.cents = score_wins.cents
    group by rule_rows.outcome, rule_rows.rule_number, rule_rows.contact

)

select * from rule_wins
