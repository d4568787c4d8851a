with

rule_counts as (

    select * from {{ ref('past_rule_counts') }}
    where counts_for <> 'with_machines'

),

periods as (

    select * from {{ ref('past_periods') }}

),

half_life_weights as (

    select * from {{ ref('half_life_weights') }}

),

scoring_rules as (

    select
        *,
        {{ cents(rounded_points('max_points')) }} as max_cents
    from {{ ref('stg_scoring_rules') }}

),

-- one sum beside the other: a row for each half-life would be six times as many to join
summed as (

    select
        periods.past_as_of,
        rule_counts.contact,
        rule_counts.rule_number,
        {% for half_life in half_lives() %}
        {{ cents(rounded_points('sum(rule_counts.times * half_life_weights.points_' ~ half_life ~ ')')) }}
            as cents_{{ half_life }},
        {% endfor %}
        sum(rule_counts.times) as times_earned
    from rule_counts
    inner join periods
        on {{ is_of_period('rule_counts', 'periods') }}
    inner join half_life_weights
        on rule_counts.rule_number = half_life_weights.rule_number and periods.age = half_life_weights.age
    group by periods.past_as_of, rule_counts.contact, rule_counts.rule_number

),

half_life_points as (

    select
        summed.past_as_of,
        summed.contact,
        {% for half_life in half_lives() %}
        {{ capped('summed.cents_' ~ half_life, 'scoring_rules.max_cents') }} as cents_{{ half_life }},
        {% endfor %}
        summed.rule_number
    from summed
    inner join scoring_rules
        on summed.rule_number = scoring_rules.rule_number
    where summed.times_earned >= scoring_rules.min_times

)

select * from half_life_points
