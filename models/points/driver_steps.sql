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
        coalesce(lead(from_window) over (partition by contact, rule_number order by from_window) - 1, 90) as to_window,
        times_earned as times_here,
        points as points_here,
        sum(times_earned) over (partition by contact, rule_number order by from_window) as times_earned,
        sum(points) over (partition by contact, rule_number order by from_window) as points_before_cap,
        max(last_earned_at) over (partition by contact, rule_number order by from_window) as last_earned_at
    from contact_points

),

-- a rule earns from the window on that holds enough of its engagements, and then for all of them
enough as (

    select
        running.*,
        scoring_rules.score_number,
        scoring_rules.max_points,
        running.times_earned - running.times_here >= scoring_rules.min_times as is_enough_before
    from running
    inner join scoring_rules
        on running.rule_number = scoring_rules.rule_number
    where running.times_earned >= scoring_rules.min_times

),

stepped as (

    select
        *,
        case when is_enough_before then times_earned - times_here else 0 end as times_before,
        case when is_enough_before then points_before_cap - points_here else 0 end as points_before
    from enough

),

capped as (

    select
        *,
        {{ capped('points_before_cap', 'max_points') }} as points_after_cap,
        {{ capped('points_before', 'max_points') }} as points_after_cap_before
    from stepped

),

driver_steps as (

    select
        contact,
        score_number,
        rule_number,
        from_window,
        to_window,
        cast(times_earned as bigint) as times_earned,
        {{ rounded_points('points_after_cap') }} as points,
        {{ rounded_points('points_before_cap - points_after_cap') }} as points_lost_to_cap,
        -- difference from the step before
        cast(times_earned - times_before as bigint) as times_change,
        cast(
            {{ rounded_points('points_after_cap') }} - {{ rounded_points('points_after_cap_before') }} as decimal(18, 2)
        ) as points_change,
        cast(points_before_cap - points_before as decimal(38, 6)) as points_change_before_cap,
        last_earned_at
    from capped

)

select * from driver_steps
