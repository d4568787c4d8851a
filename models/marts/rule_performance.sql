{{ config(materialized='table') }}

with

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

period_counts as (

    select * from {{ ref('period_counts') }}
    where {{ is_in_longest_window('period_start') }}

),

driver_steps as (

    select * from {{ ref('driver_steps') }}

),

disqualified as (

    select distinct contact_id from {{ ref('disqualifications') }}

),

engagements as (

    select * from {{ ref('read_events') }}
    where outcome = 'engagement'

),

earned as (

    select
        driver_steps.rule_id,
        sum(driver_steps.times_change) as times_earned,
        count(distinct driver_steps.contact_id) as contacts,
        sum(case when disqualified.contact_id is null then driver_steps.points_change_before_cap else 0 end) as points
    from driver_steps
    left join disqualified
        on driver_steps.contact_id = disqualified.contact_id
    group by driver_steps.rule_id

),

matched as (

    select
        rule_id,
        max(last_matched_at) as last_matched_at
    from period_counts
    group by rule_id

),

-- only a rule that matched nothing in 90 days has to look further back
unmatched_rules as (

    select scoring_rules.*
    from scoring_rules
    left join matched
        on scoring_rules.rule_id = matched.rule_id
    where matched.rule_id is null

),

matched_before as (

    select
        unmatched_rules.rule_id,
        max(engagements.occurred_at) as last_matched_at
    from unmatched_rules
    inner join engagements
        on {{ is_match('engagements', 'unmatched_rules') }}
    where engagements.occurred_at < {{ dbt.dateadd('day', -90, as_of()) }}
    group by unmatched_rules.rule_id

),

rule_performance as (

    select
        scoring_rules.rule_id,
        scoring_rules.score_name,
        cast(coalesce(earned.times_earned, 0) as bigint) as times_earned_90d,
        coalesce(earned.contacts, 0) as contacts_90d,
        cast(coalesce(earned.points, 0) as decimal(38, 6)) as points_90d,
        coalesce(matched.last_matched_at, matched_before.last_matched_at) as last_matched_at,
        {{ as_of() }} as as_of
    from scoring_rules
    left join earned on scoring_rules.rule_id = earned.rule_id
    left join matched on scoring_rules.rule_id = matched.rule_id
    left join matched_before on scoring_rules.rule_id = matched_before.rule_id

)

select * from rule_performance
