with

driver_steps as (

    select * from {{ ref('driver_steps') }}

),

score_windows as (

    select * from {{ ref('score_windows') }}

),

contact_scores as (

    select * from {{ ref('contact_scores') }}

),

score_drivers as (

    select
        driver_steps.score_name,
        score_windows.window_days,
        driver_steps.contact_id,
        driver_steps.rule_id,
        driver_steps.times_earned,
        driver_steps.points,
        driver_steps.points_lost_to_cap,
        contact_scores.status = 'disqualified' as is_disqualified,
        contact_scores.as_of
    from driver_steps
    inner join score_windows
        on score_windows.window_days between driver_steps.from_window and driver_steps.to_window
    inner join contact_scores
        on
            driver_steps.contact_id = contact_scores.contact_id
            and driver_steps.score_name = contact_scores.score_name

)

select * from score_drivers
