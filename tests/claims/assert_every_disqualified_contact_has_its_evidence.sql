{{ config(meta=is_check_of('disqualified_contacts')) }}

-- A disqualification happened before as-of, has at least as many events as its rule requires, and names one of them.
-- The audit looks for the events themselves.
with

disqualified_contacts as (

    select * from {{ ref('disqualified_contacts') }}

),

rules as (

    select * from {{ ref('stg_disqualification_rules') }}

)

select
    disqualified_contacts.contact_id,
    disqualified_contacts.event_type
from disqualified_contacts
left join rules
    on disqualified_contacts.event_type = rules.event_type
where
    rules.event_type is null
    or disqualified_contacts.last_event_id is null
    or disqualified_contacts.occurrences < rules.min_occurrences
    or coalesce(disqualified_contacts.disqualified_at >= disqualified_contacts.as_of, true)
{{ unless_partly_built() }}
