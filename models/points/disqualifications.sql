-- depends_on: {{ ref('erased_rows') }}
{{ config(materialized='table') }}

with

-- not materialized: each CTE that reads it needs only a few columns or rows
event_log as {{ not_materialized() }} (

    select * from {{ ref('event_log') }}
    where reject_reason is null and not is_later_copy and occurred_at < {{ as_of() }}

),

superseded_copies as (

    select * from {{ ref('superseded_copies') }}

),

machine_user_agents as (

    select * from {{ ref('machine_user_agents_seen') }}

),

machine_clicks as (

    select * from {{ ref('machine_clicks') }}

),

actors as (

    select * from {{ ref('actors') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

typed_owners as (

    select * from {{ ref('address_owners') }}

),

visitor_consents as (

    select * from {{ ref('visitor_consents') }}

),

rules as (

    select * from {{ ref('stg_disqualification_rules') }}

),

occurred as (

    select
        rules.*,
        present_contacts.contact,
        present_contacts.address_key,
        event_log.event_id,
        event_log.source,
        event_log.actor_key,
        event_log.message_id,
        event_log.occurred_at,
        count(*) over (partition by present_contacts.contact, rules.event_type) as occurrences_ever
    from event_log
    inner join rules
        on event_log.event_type = rules.event_type
    left join typed_owners
        on event_log.typed_key = typed_owners.actor_key
    left join visitor_consents
        on case when typed_owners.actor_key is not null then event_log.actor_key end = visitor_consents.actor_key
    inner join actors
        on {{ owner_key() }} = actors.actor_key
    inner join present_contacts
        on actors.contact = present_contacts.contact
    where
        (rules.applies_to = 'contact' or {{ is_of_address('event_log', 'present_contacts') }})
        and not exists (
            select 1 from superseded_copies
            where {{ is_same_row('event_log', 'superseded_copies') }}
        )

),

-- only the few contacts for whom clearing matters, because every fifth event is a delivery
clearable as (

    select distinct
        contact,
        address_key,
        event_type,
        applies_to,
        cleared_by
    from occurred
    where cleared_by is not null and occurrences_ever >= min_occurrences

),

clearing_actors as (

    select
        clearable.contact,
        clearable.event_type,
        clearable.cleared_by,
        clearable.applies_to,
        clearable.address_key,
        actors.actor_key
    from clearable
    inner join actors
        on clearable.contact = actors.contact
    where clearable.applies_to = 'contact' or actors.actor_key = clearable.address_key or actors.actor_type = 'contact'

),

clearing_events as (

    select
        event_log.row_key,
        event_log.event_key,
        event_log.source,
        event_log.event_type,
        event_log.actor_type,
        event_log.actor_key,
        event_log.occurred_at,
        event_log.user_agent,
        event_log.is_flagged_machine,
        {{ owner_key() }} as owner_key
    from event_log
    left join typed_owners
        on event_log.typed_key = typed_owners.actor_key
    left join visitor_consents
        on case when typed_owners.actor_key is not null then event_log.actor_key end = visitor_consents.actor_key

),

last_clears as (

    select
        clearing_actors.contact,
        clearing_actors.event_type,
        max(event_log.occurred_at) as cleared_at
    from clearing_events as event_log
    inner join clearing_actors
        on
            event_log.owner_key = clearing_actors.actor_key
            -- the event must name this address; it is not enough that it belongs to the address's owner
            and (clearing_actors.applies_to = 'contact' or {{ is_of_address('event_log', 'clearing_actors') }})
            and position(' ' || event_log.event_type || ' ' in ' ' || clearing_actors.cleared_by || ' ') > 0
    left join machine_user_agents
        on event_log.user_agent = machine_user_agents.user_agent
    left join machine_clicks
        on {{ is_same_row('event_log', 'machine_clicks') }}
    left join superseded_copies
        on {{ is_same_row('event_log', 'superseded_copies') }}
    where superseded_copies.row_key is null and {{ machine_reason() }} is null
    group by clearing_actors.contact, clearing_actors.event_type

),

-- a clearing event clears only strictly earlier events; retries of one message are one failure
standing as (

    select
        occurred.*,
        row_number() over (
            partition by
                occurred.contact, occurred.event_type, occurred.source, occurred.actor_key,
                coalesce(occurred.message_id, 'id ' || occurred.event_id), occurred.message_id is null
            order by occurred.occurred_at, occurred.event_id
        ) as attempt
    from occurred
    left join last_clears
        on
            occurred.contact = last_clears.contact
            and occurred.event_type = last_clears.event_type
    where last_clears.cleared_at is null or occurred.occurred_at >= last_clears.cleared_at

),

counted as (

    select
        *,
        row_number() over (partition by contact, event_type order by occurred_at, event_id, source) as occurrence,
        count(*) over (partition by contact, event_type) as occurrences
    from standing
    where attempt = 1

),

disqualifications as (

    select
        contact,
        event_type,
        max(occurrences) as occurrences,
        max(case when occurrence = min_occurrences then occurred_at end) as disqualified_at,
        max(case when occurrence = occurrences then event_id end) as last_event_id
    from counted
    where occurrences >= min_occurrences
    group by contact, event_type

)

select * from disqualifications
