{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- C002's gateway clicks every link, C003's has a scanner's user agent, C004's open is flagged. None earned anything.
with

machines as (

    select
        'C002' as contact_id,
        'click_burst' as machine_reason
    union all
    select
        'C003' as contact_id,
        'user_agent' as machine_reason
    union all
    select
        'C004' as contact_id,
        'flagged' as machine_reason

),

ledger as (

    select
        contact_id,
        min(machine_reason) as machine_reason,
        sum(case when earns then 1 else 0 end) as times_earned
    from {{ ref('points_ledger') }}
    group by contact_id

)

select machines.contact_id
from machines
left join ledger
    on machines.contact_id = ledger.contact_id
where
    ledger.machine_reason is distinct from machines.machine_reason
    or ledger.times_earned is distinct from 0
