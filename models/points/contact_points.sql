with

rule_counts as (

    select * from {{ ref('rule_counts') }}
    where contact is not null and times_matched > 0

),

rule_weights as (

    select * from {{ ref('rule_weights') }}
    where not is_expired

),

contact_points as (

    select
        rule_counts.contact,
        rule_counts.rule_number,
        rule_weights.from_window,
        cast(sum(rule_counts.times_matched) as bigint) as times_earned,
        cast(sum(rule_counts.times_matched * rule_weights.points) as decimal(38, 6)) as points,
        max(rule_counts.last_occurred_at) as last_earned_at
    from rule_counts
    inner join rule_weights
        on rule_counts.rule_number = rule_weights.rule_number and rule_counts.age = rule_weights.age
    group by rule_counts.contact, rule_counts.rule_number, rule_weights.from_window

)

select * from contact_points
