{{ config(meta=is_check_of('disqualified_contacts')) }}

-- A disqualification has its engagements: at least as many as it says, one at its time, and the last one it names.
with

disqualified as (

    select
        disqualified_contacts.*,
        present_contacts.contact,
        present_contacts.address_key,
        rules.applies_to
    from {{ ref('disqualified_contacts') }} as disqualified_contacts
    inner join {{ ref('present_contacts') }} as present_contacts
        on disqualified_contacts.contact_id = present_contacts.contact_id
    inner join {{ ref('stg_disqualification_rules') }} as rules
        on disqualified_contacts.event_type = rules.event_type

),

actors as (

    select * from {{ ref('actors') }}

),

engagements as (

    select
        event_type,
        event_id,
        actor_key,
        owner_key,
        occurred_at
    from {{ ref('engagements') }}
    where event_type in (select disqualified.event_type from disqualified)

),

evidence as (

    select
        disqualified.contact_id,
        disqualified.event_type,
        count(engagements.event_id) as events,
        max(case when engagements.occurred_at = disqualified.disqualified_at then 1 else 0 end) as has_its_time,
        max(case when engagements.event_id = disqualified.last_event_id then 1 else 0 end) as has_the_last
    from disqualified
    left join actors
        on disqualified.contact = actors.contact
    left join engagements
        on
            actors.actor_key = engagements.owner_key
            and disqualified.event_type = engagements.event_type
            and disqualified.as_of > engagements.occurred_at
            and (disqualified.applies_to = 'contact' or disqualified.address_key = engagements.actor_key)
    group by disqualified.contact_id, disqualified.event_type

)

select
    evidence.contact_id,
    evidence.event_type
from evidence
inner join disqualified
    on
        evidence.contact_id = disqualified.contact_id
        and evidence.event_type = disqualified.event_type
where evidence.events < disqualified.occurrences or evidence.has_its_time = 0 or evidence.has_the_last = 0
