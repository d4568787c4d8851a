with

evaluated_contacts as (

    select * from {{ ref('evaluated_contacts') }}

),

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

past_address_owners as (

    select * from {{ ref('past_address_owners') }}

),

past_visitor_owners as (

    select * from {{ ref('past_visitor_owners') }}

),

past_consents as (

    select * from {{ ref('past_consents') }}

),

erased_visitors as (

    select * from {{ ref('erased_actors') }}
    where actor_type = 'visitor'

),

owners as (

    select
        actor_key,
        survivor,
        {{ first_day() }} as after_day,
        {{ last_day() }} as until_day
    from contact_survivors

    union all

    select
        actor_key,
        survivor,
        after_day,
        until_day
    from past_address_owners

    union all

    -- a visitor without consent belongs to nobody
    select
        past_visitor_owners.actor_key,
        past_visitor_owners.survivor,
        greatest(past_visitor_owners.after_day, past_consents.after_day) as after_day,
        least(past_visitor_owners.until_day, past_consents.until_day) as until_day
    from past_visitor_owners
    left join past_consents
        on past_visitor_owners.actor_key = past_consents.actor_key
    left join erased_visitors
        on past_visitor_owners.actor_key = erased_visitors.actor_key
    where erased_visitors.actor_key is null and {{ is_consented('past_consents.is_consented') }}

),

past_actors as (

    select
        owners.actor_key,
        evaluated_contacts.contact,
        owners.after_day,
        owners.until_day
    from owners
    inner join evaluated_contacts
        on owners.survivor = evaluated_contacts.contact
    where owners.after_day < owners.until_day

)

select * from past_actors
