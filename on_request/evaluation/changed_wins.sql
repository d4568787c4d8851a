with

what_if_rows as (

    select * from {{ ref('what_if_rows') }}

),

changed_rows as (

    select * from {{ ref('changed_rows') }}

),

-- read three times: written out for that, it took 38 s instead of 10
score_wins as {{ not_materialized() }} (

    select * from {{ ref('what_if_score_wins') }}

),

-- A change leaves most scores alone. Rows that keep theirs win more or less only by what changes around them, and are
-- looked up there alone. A row that is changed itself is taken for one of them first, and moves then.
more_wins as (

    select
        what_if_rows.ranking_number,
        score_wins.rule_number,
        score_wins.change_number,
        what_if_rows.contact,
        what_if_rows.fold,
        what_if_rows.is_for_choosing,
        score_wins.more_wins as wins,
        score_wins.more_fold_wins as fold_wins
    from what_if_rows
    inner join score_wins
        on
            what_if_rows.list_number = score_wins.list_number
            and what_if_rows.fold = score_wins.fold
            and what_if_rows.cents = score_wins.cents
            and what_if_rows.y = score_wins.y
    where score_wins.more_wins <> 0 or score_wins.more_fold_wins <> 0

    union all

    select
        changed_rows.ranking_number,
        changed_rows.rule_number,
        changed_rows.change_number,
        changed_rows.contact,
        changed_rows.fold,
        changed_rows.is_for_choosing,
        changed.wins - unchanged.wins as wins,
        changed.fold_wins - unchanged.fold_wins as fold_wins
    from changed_rows
    {% for score_wins, cents in [('unchanged', 'cents'), ('changed', 'changed_cents')] %}
    inner join score_wins as {{ score_wins }}
        on
            changed_rows.list_number = {{ score_wins }}.list_number
            and changed_rows.rule_number = {{ score_wins }}.rule_number
            and changed_rows.change_number = {{ score_wins }}.change_number
            and changed_rows.fold = {{ score_wins }}.fold
            and changed_rows.{{ cents }} = {{ score_wins }}.cents
            and changed_rows.y = {{ score_wins }}.y
    {% endfor %}

),

changed_wins as (

    select
        ranking_number,
        rule_number,
        change_number,
        contact,
        fold,
        sum(wins) as wins,
        sum(case when is_for_choosing then wins else 0 end) as choosing_wins,
        sum(case when is_for_choosing then fold_wins else 0 end) as choosing_fold_wins,
        sum(case when is_for_choosing then 0 else fold_wins end) as unseen_wins
    from more_wins
    group by ranking_number, rule_number, change_number, contact, fold

)

select * from changed_wins
