{{ config(meta=is_check_of('points_ledger')) }}

-- Machines, repeats that do not count, visitors without consent and engagements that belong to nobody earn nothing.
with

ledger as (

    select * from {{ ref('points_ledger') }}

),

rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

engagements as (

    select
        source,
        event_id,
        actor_type,
        actor_key
    from {{ ref('engagements') }}

),

consents as (

    select * from {{ ref('visitor_consents') }}

)

select
    ledger.source,
    ledger.event_id,
    ledger.rule_id
from ledger
inner join rules
    on ledger.rule_id = rules.rule_id
inner join engagements
    on
        ledger.source = engagements.source
        and ledger.event_id = engagements.event_id
left join consents
    on engagements.actor_key = consents.actor_key
where
    (ledger.earns or ledger.points <> 0)
    and (
        ledger.machine_reason is not null
        or (ledger.is_repeat and not rules.counts_repeats)
        or ledger.contact_id is null
        or (
            engagements.actor_type = 'visitor'
            and not {{ is_consented('consents.is_granted') }}
        )
    )
