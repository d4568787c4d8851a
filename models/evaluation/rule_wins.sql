with

rule_rows as (

    select * from {{ ref('rule_rows') }}

),

scores as (

    select
        list_number,
        rule_number,
        cents,
        cast(sum(y) as double precision) as with_outcome,
        cast(sum(1 - y) as double precision) as without_outcome
    from rule_rows
    group by list_number, rule_number, cents

),

score_wins as (

    select
        list_number,
        rule_number,
        cents,
        {{ wins_with_outcome('list_number, rule_number') }} as wins_with_outcome,
        {{ wins_without_outcome('list_number, rule_number') }} as wins_without_outcome
    from scores

),

rule_wins as (

    select
        rule_rows.ranking_number,
        rule_rows.rule_number,
        rule_rows.contact,
        sum({{ wins_of_row('rule_rows', 'score_wins') }}) as wins
    from rule_rows
    inner join score_wins
        on
            rule_rows.list_number = score_wins.list_number
            and rule_rows.rule_number = score_wins.rule_number
            and rule_rows.cents = score_wins.cents
    group by rule_rows.ranking_number, rule_rows.rule_number, rule_rows.contact

)

select * from rule_wins
