{#- A row is compared with all of its as-of; and with its fold, for what a change does to unseen people. -#}
{% set rivals = [all_folds(), 'fold'] %}

with

what_if_rows as (

    select * from {{ ref('what_if_rows') }}

),

changed_rows as (

    select * from {{ ref('changed_rows') }}

),

tried as (

    select distinct
        list_number,
        rule_number,
        change_number
    from changed_rows

),

scores as (

    {% for fold in rivals %}
    select
        list_number,
        {{ fold }} as fold,
        cents,
        sum(y) as with_outcome,
        sum(1 - y) as without_outcome
    from what_if_rows
    group by list_number, {{ 'fold, ' if fold == 'fold' }}cents
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- how many more rows have a score after the change
changes as (

    {% for fold in rivals %}
    select
        list_number,
        rule_number,
        change_number,
        {{ fold }} as fold,
        cents,
        -y as with_outcome,
        y - 1 as without_outcome
    from changed_rows

    union all

    select
        list_number,
        rule_number,
        change_number,
        {{ fold }} as fold,
        changed_cents as cents,
        y as with_outcome,
        1 - y as without_outcome
    from changed_rows
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

scores_and_changes as (

    select
        tried.list_number,
        tried.rule_number,
        tried.change_number,
        scores.fold,
        scores.cents,
        scores.with_outcome,
        scores.without_outcome,
        0 as more_with_outcome,
        0 as more_without_outcome
    from tried
    inner join scores
        on tried.list_number = scores.list_number

    union all

    select
        list_number,
        rule_number,
        change_number,
        fold,
        cents,
        0 as with_outcome,
        0 as without_outcome,
        with_outcome as more_with_outcome,
        without_outcome as more_without_outcome
    from changes

),

counts as (

    select
        list_number,
        rule_number,
        change_number,
        fold,
        cents,
        sum(with_outcome) as with_outcome,
        sum(without_outcome) as without_outcome,
        sum(more_with_outcome) as more_with_outcome,
        sum(more_without_outcome) as more_without_outcome
    from scores_and_changes
    group by list_number, rule_number, change_number, fold, cents

),

{% set rivals_of_row = 'list_number, rule_number, change_number, fold' %}
wins as (

    select
        *,
        {{ wins_with_outcome(rivals_of_row) }} as wins_with_outcome,
        {{ wins_without_outcome(rivals_of_row) }} as wins_without_outcome,
        {{ wins_with_outcome(rivals_of_row, among='more_') }} as more_wins_with_outcome,
        {{ wins_without_outcome(rivals_of_row, among='more_') }} as more_wins_without_outcome
    from counts

),

-- only where somebody has the score, before the change or after it
what_if_score_wins as (

    {% for y, outcome in [(1, 'with_outcome'), (0, 'without_outcome')] %}
    select
        list_number,
        rule_number,
        change_number,
        fold,
        cents,
        {{ y }} as y,
        more_wins_{{ outcome }} as more_wins,
        wins_{{ outcome }} + more_wins_{{ outcome }} as wins
    from wins
    where {{ outcome }} > 0 or more_{{ outcome }} > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from what_if_score_wins
