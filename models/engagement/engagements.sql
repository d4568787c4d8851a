with

event_log as (

    select * from {{ ref('event_log') }}

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

typed_owners as (

    select * from {{ ref('address_owners') }}

),

visitor_consents as (

    select * from {{ ref('visitor_consents') }}

),

engagements as (

    select
        event_log.row_key,
        event_log.source,
        event_log.event_id,
        event_log.event_type,
        event_log.actor_type,
        event_log.actor,
        event_log.occurred_at,
        event_log.received_at,
        event_log.message_id,
        event_log.campaign_id,
        event_log.link_url,
        event_log.page_url,
        event_log.detail,
        event_log.email_click_event_id,
        event_log.email_address,
        event_log.event_key,
        event_log.actor_key,
        event_log.action_key,
        event_log.typed_key,
        {{ owner_key() }} as owner_key,
        {{ machine_reason() }} as machine_reason
    from event_log
    left join superseded_copies
        on {{ is_same_row('event_log', 'superseded_copies') }}
    left join machine_user_agents
        on event_log.user_agent = machine_user_agents.user_agent
    left join machine_clicks
        on {{ is_same_row('event_log', 'machine_clicks') }}
    left join typed_owners
        on event_log.typed_key = typed_owners.actor_key
    left join visitor_consents
        on typed_owners.actor_key is not null and event_log.actor_key = visitor_consents.actor_key
    where
        event_log.reject_reason is null
        and not event_log.is_later_copy
        and superseded_copies.row_key is null

)

select * from engagements
