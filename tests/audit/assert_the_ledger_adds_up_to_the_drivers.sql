{{ config(meta=is_check_of('points_ledger')) }}

-- Before the cap, a contact's points from a rule in 90 days are the sum of the points of its engagements.
with

ledger as (

    select
        contact_id,
        rule_id,
        round(sum(points), 2) as points,
        count(*) as times_earned
    from {{ ref('points_ledger') }}
    where earns
    group by contact_id, rule_id

),

drivers as (

    select * from {{ ref('score_drivers') }}
    where window_days = 90

)

select
    coalesce(ledger.contact_id, drivers.contact_id) as contact_id,
    coalesce(ledger.rule_id, drivers.rule_id) as rule_id,
    ledger.points,
    drivers.points + drivers.points_lost_to_cap as points_before_cap
from ledger
full outer join drivers
    on
        ledger.contact_id = drivers.contact_id
        and ledger.rule_id = drivers.rule_id
where
    -- points after the cap and points lost to it are each rounded to a hundredth
    coalesce(abs(ledger.points - (drivers.points + drivers.points_lost_to_cap)) > 0.01, true)
    or ledger.times_earned is distinct from drivers.times_earned
