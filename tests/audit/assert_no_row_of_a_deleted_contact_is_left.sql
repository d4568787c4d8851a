{{ config(meta=is_check_of('engagements')) }}

-- No row says what a deleted contact did, and none of somebody else's names one of its addresses.
with

erased_actors as (

    select distinct actor_key from {{ ref('erased_actors') }}

),

event_log as (

    select
        {{ lookup_key(['actor_type', 'actor']) }} as named_actor_key,
        actor_key,
        {{ lookup_key(["'email'", 'email_address']) }} as address_key
    from {{ ref('event_log') }}

),

rejected_events as (

    select
        {{ lookup_key(["'email'", 'email_address']) }} as address_key,
        {{ lookup_key(["'visitor'", 'visitor_id']) }} as visitor_key,
        {{ lookup_key(["'contact'", 'contact_id']) }} as contact_key
    from {{ ref('rejected_events') }}

),

kept_rows as (

    {% for column in ['actor_key', 'named_actor_key', 'address_key'] %}
    select
        'event_log' as table_name,
        {{ column }} as actor_key
    from event_log

    union all

    {% endfor %}
    {% for column in ['address_key', 'visitor_key', 'contact_key'] %}
    select
        'rejected_events' as table_name,
        {{ column }} as actor_key
    from rejected_events

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
