{{ config(materialized='table') }}

with

rule_matches as (

    select * from {{ ref('rule_matches') }}

),

actors as (

    select * from {{ ref('actors') }}

),

-- engagements of machines or nobody, and repeats, only show that the rule still matches something
rule_counts as (

    select
        actors.contact,
        rule_matches.rule_number,
        rule_matches.age,
        cast(sum(case when rule_matches.is_countable then 1 else 0 end) as bigint) as times_matched,
        max(case when rule_matches.is_countable then rule_matches.occurred_at end) as last_occurred_at,
        max(rule_matches.occurred_at) as last_matched_at
    from rule_matches
    left join actors
        on rule_matches.owner_key = actors.actor_key
    group by actors.contact, rule_matches.rule_number, rule_matches.age

)

select * from rule_counts
