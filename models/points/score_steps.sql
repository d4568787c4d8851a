{{ config(materialized='table') }}

with

driver_steps as (

    select * from {{ ref('driver_steps') }}

),

score_changes as (

    select
        score_number,
        contact,
        from_window,
        sum(points_change) as points_change,
        sum(times_change) as times_change,
        max(last_earned_at) as last_earned_at
    from driver_steps
    group by score_number, contact, from_window

),

score_steps as (

    select
        score_number,
        contact,
        from_window,
        coalesce(lead(from_window) over (partition by score_number, contact order by from_window) - 1, 90) as to_window,
        cast(
            sum(points_change) over (partition by score_number, contact order by from_window) as decimal(18, 2)
        ) as score,
        cast(
            sum(times_change) over (partition by score_number, contact order by from_window) as bigint
        ) as times_earned,
        last_earned_at
    from score_changes

)

select * from score_steps
