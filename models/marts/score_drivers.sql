with

driver_steps as (

    select * from {{ ref('driver_steps') }}

),

score_windows as (

    select * from {{ ref('score_windows') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

contact_standings as (

    select * from {{ ref('contact_standings') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

score_drivers as (

    select
        contact_standings.score_name,
        score_windows.window_days,
        present_contacts.contact_id,
        scoring_rules.rule_id,
        driver_steps.times_earned,
        driver_steps.points,
        driver_steps.points_lost_to_cap,
        contact_standings.status = 'disqualified' as is_disqualified,
        contact_standings.as_of
    from driver_steps
    inner join score_windows
        on score_windows.window_days between driver_steps.from_window and driver_steps.to_window
    inner join scoring_rules
        on driver_steps.rule_number = scoring_rules.rule_number
    inner join contact_standings
        on
            driver_steps.contact = contact_standings.contact
            and driver_steps.score_number = contact_standings.score_number
    inner join present_contacts
        on driver_steps.contact = present_contacts.contact

)

select * from score_drivers
