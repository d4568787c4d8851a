{{ config(meta=is_check_of('score_changes')) }}

-- The causes of a change add up to it, and it ends at the driver of now in the window of the bands.
with

score_changes as (

    select * from {{ ref('score_changes') }}

),

drivers as (

    select
        band_windows.score_name,
        present_contacts.contact_id,
        scoring_rules.rule_id,
        driver_steps.points
    from {{ ref('driver_steps') }} as driver_steps
    inner join {{ ref('band_windows') }} as band_windows
        on
            driver_steps.score_number = band_windows.score_number
            and band_windows.window_days between driver_steps.from_window and driver_steps.to_window
    inner join {{ ref('stg_scoring_rules') }} as scoring_rules
        on driver_steps.rule_number = scoring_rules.rule_number
    inner join {{ ref('present_contacts') }} as present_contacts
        on driver_steps.contact = present_contacts.contact

)

select
    score_changes.score_name,
    score_changes.contact_id,
    score_changes.rule_id,
    score_changes.change,
    score_changes.points,
    drivers.points as driver_points
from score_changes
left join drivers
    on
        score_changes.score_name = drivers.score_name
        and score_changes.contact_id = drivers.contact_id
        and score_changes.rule_id = drivers.rule_id
where
    score_changes.by_rules + score_changes.by_owners + score_changes.by_late + score_changes.by_expired
    + score_changes.by_decayed + score_changes.by_new <> score_changes.change
    or score_changes.points <> coalesce(drivers.points, 0)
{{ unless_partly_built() }}
