{{ config(meta=is_check_of('score_drivers')) }}

-- In the 30-day window, the drivers of a contact add up to its score and its times earned. This compares the step
-- tables behind the marts' views; the audit compares the marts themselves, in every window.
with

drivers as (

    select
        contact,
        score_number,
        sum(points) as points,
        sum(times_earned) as times_earned
    from {{ ref('driver_steps') }}
    where 30 between from_window and to_window
    group by contact, score_number

),

scores as (

    select
        contact,
        score_number,
        score,
        times_earned
    from {{ ref('score_steps') }}
    where 30 between from_window and to_window

)

select
    coalesce(drivers.contact, scores.contact) as contact,
    coalesce(drivers.score_number, scores.score_number) as score_number,
    drivers.points,
    scores.score
from drivers
full outer join scores
    on
        drivers.contact = scores.contact
        and drivers.score_number = scores.score_number
where
    drivers.points is distinct from scores.score
    or drivers.times_earned is distinct from scores.times_earned
{{ unless_partly_built() }}
