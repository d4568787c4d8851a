{{ config(materialized='table') }}

with

contact_points as (

    select * from {{ ref('contact_points') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

running as (

    select
        contact,
        rule_number,
        from_window,
        times_earned as times_change,
        points as points_here,
        last_earned_at,
        coalesce(lead(from_window) over (partition by contact, rule_number order by from_window) - 1, 90) as to_window,
        sum(times_earned) over (partition by contact, rule_number order by from_window) as times_earned,
        sum(points) over (partition by contact, rule_number order by from_window) as points_before_cap
    from contact_points

),

capped as (

    select
        running.*,
        scoring_rules.score_number,
        {{ capped('running.points_before_cap', 'scoring_rules.max_points') }} as points_after_cap,
        {{ capped('(running.points_before_cap - running.points_here)', 'scoring_rules.max_points') }} as points_before
    from running
    inner join scoring_rules
        on running.rule_number = scoring_rules.rule_number

),

driver_steps as (

    select
        contact,
        score_number,
        rule_number,
        from_window,
        to_window,
        cast(times_earned as bigint) as times_earned,
        cast(round(points_after_cap, 2) as decimal(18, 2)) as points,
        cast(round(points_before_cap - points_after_cap, 2) as decimal(18, 2)) as points_lost_to_cap,
        -- difference from the step before
        cast(times_change as bigint) as times_change,
        cast(round(points_after_cap, 2) - round(points_before, 2) as decimal(18, 2)) as points_change,
        cast(points_here as decimal(38, 6)) as points_change_before_cap,
        last_earned_at
    from capped

)

select * from driver_steps
