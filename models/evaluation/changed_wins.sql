with

what_if_rows as (

    select * from {{ ref('what_if_rows') }}

),

changed_rows as (

    select * from {{ ref('changed_rows') }}

),

score_wins as (

    select * from {{ ref('what_if_score_wins') }}

),

-- A change leaves most scores alone. Rows that keep theirs win more or less only by what changes around them, and are
-- looked up there alone. A row that is changed itself is taken for one of them first, and moves then.
more_wins as (

    {% for is_in_fold in ['false', 'true'] %}
    select
        what_if_rows.ranking_number,
        score_wins.rule_number,
        score_wins.change_number,
        what_if_rows.contact,
        what_if_rows.fold,
        what_if_rows.is_for_choosing,
        {{ is_in_fold }} as is_in_fold,
        score_wins.more_wins as wins
    from what_if_rows
    inner join score_wins
        on
            what_if_rows.list_number = score_wins.list_number
            and {{ 'what_if_rows.fold' if is_in_fold == 'true' else all_folds() }} = score_wins.fold
            and what_if_rows.cents = score_wins.cents
            and what_if_rows.y = score_wins.y
    where score_wins.more_wins <> 0

    union all

    select
        changed_rows.ranking_number,
        changed_rows.rule_number,
        changed_rows.change_number,
        changed_rows.contact,
        changed_rows.fold,
        changed_rows.is_for_choosing,
        {{ is_in_fold }} as is_in_fold,
        changed.wins - unchanged.wins as wins
    from changed_rows
    {% for score_wins, cents in [('unchanged', 'cents'), ('changed', 'changed_cents')] %}
    inner join score_wins as {{ score_wins }}
        on
            changed_rows.list_number = {{ score_wins }}.list_number
            and changed_rows.rule_number = {{ score_wins }}.rule_number
            and changed_rows.change_number = {{ score_wins }}.change_number
            and {{ 'changed_rows.fold' if is_in_fold == 'true' else all_folds() }} = {{ score_wins }}.fold
            and changed_rows.{{ cents }} = {{ score_wins }}.cents
            and changed_rows.y = {{ score_wins }}.y
    {% endfor %}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

changed_wins as (

    select
        ranking_number,
        rule_number,
        change_number,
        contact,
        fold,
        sum(case when is_in_fold then 0 else wins end) as wins,
        sum(case when is_for_choosing and not is_in_fold then wins else 0 end) as choosing_wins,
        sum(case when is_for_choosing and is_in_fold then wins else 0 end) as choosing_fold_wins,
        sum(case when is_in_fold and not is_for_choosing then wins else 0 end) as unseen_wins
    from more_wins
    group by ranking_number, rule_number, change_number, contact, fold

)

select * from changed_wins
