{{ config(materialized='table') }}

with

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

rule_counts as (

    select * from {{ ref('rule_counts') }}

),

driver_steps as (

    select * from {{ ref('driver_steps') }}

),

disqualified as (

    select distinct contact from {{ ref('disqualifications') }}

),

engagements as (

    select * from {{ ref('engagements') }}

),

earned as (

    select
        driver_steps.rule_number,
        sum(driver_steps.times_change) as times_earned,
        count(distinct driver_steps.contact) as contacts,
        sum(case when disqualified.contact is null then driver_steps.points_change_before_cap else 0 end) as points
    from driver_steps
    left join disqualified
        on driver_steps.contact = disqualified.contact
    group by driver_steps.rule_number

),

matched as (

    select
        rule_number,
        max(last_matched_at) as last_matched_at
    from rule_counts
    group by rule_number

),

-- only rules without a match in the last 90 days need a search further back
unmatched_rules as (

    select scoring_rules.*
    from scoring_rules
    left join matched
        on scoring_rules.rule_number = matched.rule_number
    where matched.rule_number is null

),

matched_before as (

    select
        unmatched_rules.rule_number,
        max(engagements.occurred_at) as last_matched_at
    from unmatched_rules
    inner join engagements
        on {{ is_match('engagements', 'unmatched_rules') }}
    where engagements.occurred_at < {{ dbt.dateadd('day', -90, as_of()) }}
    group by unmatched_rules.rule_number

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
    left join earned on scoring_rules.rule_number = earned.rule_number
    left join matched on scoring_rules.rule_number = matched.rule_number
    left join matched_before on scoring_rules.rule_number = matched_before.rule_number

)

select * from rule_performance
