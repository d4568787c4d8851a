with

engagements as (

    select * from {{ ref('past_engagements') }}

),

rules as (

    select * from {{ ref('stg_disqualification_rules') }}

),

evaluated_contacts as (

    select * from {{ ref('evaluated_contacts') }}

),

-- retries of one message are one failure; without a message each event is one
past_failures as (

    select
        engagements.contact,
        engagements.event_type,
        engagements.source,
        engagements.actor_key,
        coalesce(engagements.action_key, engagements.event_key) as failure_key,
        engagements.occurred_at,
        engagements.after_day,
        engagements.until_day,
        evaluated_contacts.address_key,
        rules.applies_to,
        rules.cleared_by,
        rules.min_occurrences,
        count(*) over (partition by engagements.contact, engagements.event_type) as occurrences_ever
    from engagements
    inner join rules
        on engagements.event_type = rules.event_type
    inner join evaluated_contacts
        on engagements.contact = evaluated_contacts.contact
    where rules.applies_to = 'contact' or {{ is_of_address('engagements', 'evaluated_contacts') }}

)

select * from past_failures
