{{ config(materialized='table') }}

with

rule_matches as (

    select * from {{ ref('rule_matches') }}

),

period_counts as (

    select
        actor_type,
        actor,
        rule_id,
        period_start,
        count(*) as times_matched,
        max(occurred_at) as last_occurred_at
    from rule_matches
    where is_countable
    group by actor_type, actor, rule_id, period_start

)

select * from period_counts
