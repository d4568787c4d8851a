with

rule_weights as (

    select * from {{ ref('rule_weights') }}
    where not is_expired

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

aged as (

    select
        rule_weights.rule_number,
        rule_weights.age,
        scoring_rules.points,
        cast(rule_weights.age as decimal(18, 1)) / 2 as age_days
    from rule_weights
    inner join scoring_rules
        on rule_weights.rule_number = scoring_rules.rule_number

),

-- every half-life in place of the rule's own; 0 stands for none
half_life_weights as (

    select
        {% for half_life in half_lives() %}
        {{ decayed_points(
            'points',
            'cast(' ~ (half_life or 'null') ~ ' as decimal(18, 6))',
            'age_days'
        ) }} as points_{{ half_life }},
        {% endfor %}
        rule_number,
        age
    from aged

)

select * from half_life_weights
