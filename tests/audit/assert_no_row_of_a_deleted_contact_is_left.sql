{{ config(meta=is_check_of('engagements')) }}

-- What a deleted contact did stands in no table of events.
with

erased_actors as (

    select * from {{ ref('erased_actors') }}

),

kept_rows as (

    select
        'read_events' as table_name,
        actor_type,
        actor
    from {{ ref('read_events') }}

    union all

    select
        'read_events' as table_name,
        'email' as actor_type,
        email_address as actor
    from {{ ref('read_events') }}

    union all

    select
        'linking_engagements' as table_name,
        'email' as actor_type,
        email_address as actor
    from {{ ref('linking_engagements') }}

    {% for table in [
        'event_marks', 'touched_engagements', 'linking_engagements', 'actor_owners', 'disqualifying_engagements', 'period_counts'
    ] %}
    union all

    select
        '{{ table }}' as table_name,
        actor_type,
        actor
    from {{ ref(table) }}
    {% endfor %}

    union all

    select
        'rejected_events' as table_name,
        'email' as actor_type,
        email_address as actor
    from {{ ref('rejected_events') }}

    union all

    select
        'rejected_events' as table_name,
        'visitor' as actor_type,
        visitor_id as actor
    from {{ ref('rejected_events') }}

    union all

    select
        'rejected_events' as table_name,
        'contact' as actor_type,
        contact_id as actor
    from {{ ref('rejected_events') }}

)

select
    kept_rows.table_name,
    count(*) as rows_left
from kept_rows
inner join erased_actors
    on {{ lookup_key(['kept_rows.actor_type', 'kept_rows.actor']) }} = erased_actors.actor_key
group by kept_rows.table_name
