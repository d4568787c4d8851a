with

outcome_rows as (

    select * from {{ ref('outcome_rows') }}

),

half_life_points as (

    select * from {{ ref('half_life_points') }}

),

outcome_rules as (

    select * from {{ ref('outcome_rules') }}
    where not is_outcome

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

evaluated_lists as (

    select * from {{ ref('evaluated_lists') }}

),

scores as (

    select
        evaluated_lists.list_number,
        {% for half_life in half_lives() %}
        sum(half_life_points.cents_{{ half_life }}) as cents_{{ half_life }},
        {% endfor %}
        half_life_points.contact
    from half_life_points
    inner join scoring_rules
        on half_life_points.rule_number = scoring_rules.rule_number
    inner join outcome_rules
        on half_life_points.rule_number = outcome_rules.rule_number
    inner join evaluated_lists
        on
            outcome_rules.outcome = evaluated_lists.outcome
            and scoring_rules.score_number = evaluated_lists.score_number
            and half_life_points.past_as_of = evaluated_lists.past_as_of
    group by evaluated_lists.list_number, half_life_points.contact

),

half_life_rows as (

    select
        evaluated_lists.ranking_number,
        evaluated_lists.list_number,
        {% for half_life in half_lives() %}
        cast(coalesce(scores.cents_{{ half_life }}, 0) as bigint) as cents_{{ half_life }},
        {% endfor %}
        outcome_rows.contact,
        outcome_rows.y
    from outcome_rows
    inner join evaluated_lists
        on outcome_rows.outcome = evaluated_lists.outcome and outcome_rows.past_as_of = evaluated_lists.past_as_of
    left join scores
        on evaluated_lists.list_number = scores.list_number and outcome_rows.contact = scores.contact

)

select * from half_life_rows
