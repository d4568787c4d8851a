{{ config(meta=is_check_of('disqualified_contacts')) }}

-- As many engagements stand behind a disqualification as its rule asks for, and it was reached before as-of.
with

disqualified_contacts as (

    select * from {{ ref('disqualified_contacts') }}

),

rules as (

    select * from {{ ref('stg_disqualification_rules') }}

),

engagements as (

    select * from {{ ref('disqualifying_engagements') }}

)

select
    disqualified_contacts.contact_id,
    disqualified_contacts.event_type
from disqualified_contacts
left join rules
    on disqualified_contacts.event_type = rules.event_type
left join engagements
    on
        disqualified_contacts.last_event_id = engagements.event_id
        and disqualified_contacts.event_type = engagements.event_type
where
    rules.event_type is null
    or engagements.event_id is null
    or disqualified_contacts.occurrences < rules.min_occurrences
    or disqualified_contacts.disqualified_at > engagements.occurred_at
    or engagements.occurred_at >= disqualified_contacts.as_of
