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

    select
        list_number,
        fold,
        cents,
        sum(y) as with_outcome,
        sum(1 - y) as without_outcome
    from what_if_rows
    group by list_number, fold, cents

),

-- how many rows have a score before the change, and how many more after it
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

    {% for cents, sign in [('cents', -1), ('changed_cents', 1)] %}
    union all

    select
        list_number,
        rule_number,
        change_number,
        fold,
        {{ cents }} as cents,
        0 as with_outcome,
        0 as without_outcome,
        {{ sign }} * y as more_with_outcome,
        {{ sign }} * (1 - y) as more_without_outcome
    from changed_rows
    {% endfor %}

),

{% set counted = ['with_outcome', 'without_outcome', 'more_with_outcome', 'more_without_outcome'] %}
{% set list = 'list_number, rule_number, change_number' %}
fold_counts as (

    select
        {% for count in counted %}
        cast(sum({{ count }}) as {{ type_double() }}) as {{ count }},
        {% endfor %}
        {{ list }},
        fold,
        cents
    from scores_and_changes
    group by {{ list }}, fold, cents

),

list_counts as (

    select
        {% for count in counted %}
        sum({{ count }}) as {{ count }},
        {% endfor %}
        {{ list }},
        cents
    from fold_counts
    group by {{ list }}, cents

),

-- A row is compared with all of its as-of; and with its fold, for what a change does to unseen people.
{% for rivals, partition in [('fold', list ~ ', fold'), ('list', list)] %}
{{ rivals }}_wins as (

    select
        *,
        {{ wins_with_outcome(partition) }} as wins_with_outcome,
        {{ wins_without_outcome(partition) }} as wins_without_outcome,
        {{ wins_with_outcome(partition, among='more_') }} as more_wins_with_outcome,
        {{ wins_without_outcome(partition, among='more_') }} as more_wins_without_outcome
    from {{ rivals }}_counts

),

{% endfor %}
-- only where somebody has the score, before the change or after it
what_if_score_wins as (

    {% for y, outcome in [(1, 'with_outcome'), (0, 'without_outcome')] %}
    select
        fold_wins.list_number,
        fold_wins.rule_number,
        fold_wins.change_number,
        fold_wins.fold,
        fold_wins.cents,
        {{ y }} as y,
        list_wins.wins_{{ outcome }} + list_wins.more_wins_{{ outcome }} as wins,
        list_wins.more_wins_{{ outcome }} as more_wins,
        fold_wins.wins_{{ outcome }} + fold_wins.more_wins_{{ outcome }} as fold_wins,
        fold_wins.more_wins_{{ outcome }} as more_fold_wins
    from fold_wins
    inner join list_wins
        on
            fold_wins.list_number = list_wins.list_number
            and fold_wins.rule_number = list_wins.rule_number
            and fold_wins.change_number = list_wins.change_number
            and fold_wins.cents = list_wins.cents
    where fold_wins.{{ outcome }} > 0 or fold_wins.more_{{ outcome }} > 0
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from what_if_score_wins
