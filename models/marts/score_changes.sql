{{ config(materialized='table') }}

with

compared_rows as (

    select * from {{ ref('compared_rows') }}

),

compared_rules as (

    select * from {{ ref('compared_rules') }}

),

rule_weights as (

    select * from {{ ref('rule_weights') }}
    where counts_for_band

),

present_contacts as (

    select
        *,
        {{ lookup_key(["'contact'", 'contact_id']) }} as contact_key
    from {{ ref('present_contacts') }}

),

-- an engagement since the preceding as-of had no weight then, and one that has left the window has none now
weighted as (

    select
        compared_rows.contact_key,
        compared_rows.rule_key,
        compared_rows.points_before,
        weights_then.points as points_then,
        weights_now.points as points_now,
        compared_rows.earns_by_rules,
        compared_rows.earns_by_owners,
        compared_rows.earns_now,
        weights_then.points is not null and weights_now.points is not null as is_in_both
    from compared_rows
    left join rule_weights as weights_then
        on compared_rows.rule_number = weights_then.rule_number and compared_rows.age_then = weights_then.age
    left join rule_weights as weights_now
        on compared_rows.rule_number = weights_now.rule_number and compared_rows.age_now = weights_now.age

),

with_ingredients as (

    select
        contact_key,
        rule_key,
        points_before as points_0,
        case when earns_by_rules then points_then end as points_1,
        case when earns_by_owners then points_then end as points_2,
        case when earns_now then points_then end as points_3,
        case when earns_now and is_in_both then points_then end as points_4,
        case when earns_now and is_in_both then points_now end as points_5,
        case when earns_now then points_now end as points_6
    from weighted

),

sums as (

    select
        {% for number in range(7) %}
        count(points_{{ number }}) as times_{{ number }},
        sum(points_{{ number }}) as points_{{ number }},
        {% endfor %}
        contact_key,
        rule_key
    from with_ingredients
    group by contact_key, rule_key

),

-- driver_0 is of then; in each further one, one more ingredient is that of now
drivers as (

    select
        {% for number in range(1, 7) %}
        {% set terms = ['compared_rules.min_times', 'compared_rules.max_points'] %}
        {{ driver_points('sums.times_' ~ number, 'sums.points_' ~ number, *terms) }} as driver_{{ number }},
        {% endfor %}
        {% set terms = ['compared_rules.min_times_before', 'compared_rules.max_points_before'] %}
        {{ driver_points('sums.times_0', 'sums.points_0', *terms) }} as driver_0,
        compared_rules.score_name,
        present_contacts.contact_id,
        compared_rules.rule_id,
        compared_rules.preceding_as_of
    from sums
    inner join compared_rules
        on sums.rule_key = compared_rules.rule_key
    inner join present_contacts
        on sums.contact_key = present_contacts.contact_key

),

score_changes as (

    select
        score_name,
        contact_id,
        rule_id,
        {% for ingredient in ['rules', 'owners', 'late', 'expired', 'decayed', 'new'] %}
        cast(driver_{{ loop.index }} - driver_{{ loop.index0 }} as decimal(18, 2)) as by_{{ ingredient }},
        {% endfor %}
        cast(driver_6 - driver_0 as decimal(18, 2)) as change,
        driver_6 as points,
        preceding_as_of,
        {{ as_of() }} as as_of
    from drivers
    where driver_6 <> driver_0

)

select * from score_changes
