{{ config(meta=is_check_of('engagements')) }}

-- No row says what a deleted contact did, and none names one of its addresses. A visitor id may stay in rows that
-- belong to somebody else because of the address typed in.
with

erased_actors as (

    select distinct actor_key from {{ ref('erased_actors') }}

),

living_addresses as (

    select actor_key from {{ ref('address_owners') }}
    where not is_erased

),

event_log as (

    select
        event_log.actor_key,
        {{ lookup_key(['event_log.actor_type', 'event_log.actor']) }} as named_actor_key,
        {{ lookup_key(["'email'", 'event_log.email_address']) }} as address_key,
        event_log.typed_key,
        living_addresses.actor_key is not null as is_a_living_contacts
    from {{ ref('event_log') }} as event_log
    left join living_addresses
        on event_log.typed_key = living_addresses.actor_key

),

rejected_events as (

    select
        {{ lookup_key(["'email'", 'rejected_events.email_address']) }} as address_key,
        {{ lookup_key(["'visitor'", 'rejected_events.visitor_id']) }} as visitor_key,
        {{ lookup_key(["'contact'", 'rejected_events.contact_id']) }} as contact_key,
        living_addresses.actor_key is not null as is_a_living_contacts
    from {{ ref('rejected_events') }} as rejected_events
    left join living_addresses
        on {{ lookup_key(["'email'", 'rejected_events.email_address']) }} = living_addresses.actor_key

),

kept_rows as (

    {% for column in ['actor_key', 'named_actor_key', 'address_key', 'typed_key'] %}
    select
        'event_log' as table_name,
        {{ column }} as actor_key
    from event_log
    {{ 'where not is_a_living_contacts' if 'actor' in column }}

    union all

    {% endfor %}
    {% for column in ['address_key', 'visitor_key', 'contact_key'] %}
    select
        'rejected_events' as table_name,
        {{ column }} as actor_key
    from rejected_events
    {{ 'where not is_a_living_contacts' if column == 'visitor_key' }}

    union all

    {% endfor %}
    select
        'actors' as table_name,
        actor_key
    from {{ ref('actors') }}

    union all

    select
        'present_contacts' as table_name,
        {{ lookup_key(["'contact'", 'contact_id']) }} as actor_key
    from {{ ref('present_contacts') }}

)

select
    kept_rows.table_name,
    count(*) as rows_left
from kept_rows
inner join erased_actors
    on kept_rows.actor_key = erased_actors.actor_key
group by kept_rows.table_name
