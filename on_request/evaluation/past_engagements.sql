-- a view: it has texts of events, which no table may keep after somebody was deleted, and no tick builds this again
{{ config(materialized='view') }}

with

known_engagements as {{ not_materialized() }} (

    select * from {{ ref('known_engagements') }}

),

past_actors as (

    select * from {{ ref('past_actors') }}

),

typed_owners as {{ not_materialized() }} (

    select * from {{ ref('past_address_owners') }}

),

past_consents as (

    select * from {{ ref('past_consents') }}

),

evaluated_contacts as (

    select * from {{ ref('evaluated_contacts') }}

),

-- of the actor, unless the address that was typed in is somebody's at the time
of_actors as (

    select
        known_engagements.*,
        past_actors.contact,
        greatest(past_actors.after_day, typed_owners.after_day) as owned_after_day,
        least(past_actors.until_day, typed_owners.until_day) as until_day
    from known_engagements
    inner join past_actors
        on known_engagements.actor_key = past_actors.actor_key
    left join typed_owners
        on known_engagements.typed_key = typed_owners.actor_key
    where typed_owners.contact is null

),

-- then it is theirs, whoever else uses the visitor, but the visitor decides about consent
of_typed_addresses as (

    select
        known_engagements.*,
        evaluated_contacts.contact,
        greatest(typed_owners.after_day, past_consents.after_day) as owned_after_day,
        least(typed_owners.until_day, past_consents.until_day) as until_day
    from known_engagements
    inner join typed_owners
        on known_engagements.typed_key = typed_owners.actor_key
    inner join evaluated_contacts
        on typed_owners.survivor = evaluated_contacts.contact
    left join past_consents
        on known_engagements.actor_key = past_consents.actor_key
    where known_engagements.typed_key is not null and {{ is_consented('past_consents.is_consented') }}

),

owned as (

    select * from of_actors
    union all
    select * from of_typed_addresses

),

past_engagements as (

    select
        row_key,
        event_key,
        source,
        event_type,
        actor_type,
        actor_key,
        action_key,
        occurred_at,
        occurred_day,
        campaign_id,
        link_url,
        page_url,
        detail,
        is_machine,
        contact,
        greatest(received_day, occurred_day, owned_after_day) as after_day,
        until_day
    from owned

)

select * from past_engagements
where after_day < until_day
