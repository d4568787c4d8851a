{{ config(meta=is_check_of('score_drivers')) }}

-- In every window, the drivers of a contact that is not disqualified add up to its score and its times earned.
with

drivers as (

    select
        score_name,
        window_days,
        contact_id,
        sum(points) as points,
        sum(times_earned) as times_earned
    from {{ ref('score_drivers') }}
    where not is_disqualified
    group by score_name, window_days, contact_id

),

active_contacts as (

    select
        score_name,
        window_days,
        contact_id,
        score,
        times_earned
    from {{ ref('active_contacts') }}

)

select
    coalesce(drivers.score_name, active_contacts.score_name) as score_name,
    coalesce(drivers.window_days, active_contacts.window_days) as window_days,
    coalesce(drivers.contact_id, active_contacts.contact_id) as contact_id,
    drivers.points,
    active_contacts.score
from drivers
full outer join active_contacts
    on
        drivers.score_name = active_contacts.score_name
        and drivers.window_days = active_contacts.window_days
        and drivers.contact_id = active_contacts.contact_id
where
    drivers.points is distinct from active_contacts.score
    or drivers.times_earned is distinct from active_contacts.times_earned
