with

past_points as (

    select * from {{ ref('past_points') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

running as (

    select
        past_as_of,
        contact,
        rule_number,
        with_machines,
        has_machines,
        from_window,
        coalesce(
            lead(from_window) over (
                partition by past_as_of, contact, rule_number, with_machines order by from_window
            ) - 1,
            90
        ) as to_window,
        times_earned as times_here,
        points as points_here,
        sum(times_earned) over (
            partition by past_as_of, contact, rule_number, with_machines order by from_window
        ) as times_earned,
        sum(points) over (
            partition by past_as_of, contact, rule_number, with_machines order by from_window
        ) as points
    from past_points

),

-- a rule earns from the window on that holds enough of its engagements, and then for all of them
enough as (

    select
        running.*,
        scoring_rules.max_points,
        case when running.times_earned - running.times_here >= scoring_rules.min_times then 1 else 0 end as was_enough
    from running
    inner join scoring_rules
        on running.rule_number = scoring_rules.rule_number
    where running.times_earned >= scoring_rules.min_times

),

stepped as (

    select
        *,
        was_enough * (times_earned - times_here) as times_before,
        was_enough * (points - points_here) as points_before
    from enough

),

past_steps as (

    select
        past_as_of,
        contact,
        rule_number,
        with_machines,
        has_machines,
        from_window,
        to_window,
        cast(times_earned as bigint) as times_earned,
        {{ rounded_points(capped('points', 'max_points')) }} as points,
        -- difference from the step before
        cast(times_earned - times_before as bigint) as times_change,
        cast(
            {{ rounded_points(capped('points', 'max_points')) }}
            - {{ rounded_points(capped('points_before', 'max_points')) }}
            as decimal(18, 2)
        ) as points_change
    from stepped

)

select * from past_steps
