{{ config(materialized='view') }}
-- depends_on: {{ ref('erased_rows') }}

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

-- the first copy is the one received first, so an engagement is known from then on, and never any other way
known_engagements as (

    select
        event_log.row_key,
        event_log.event_key,
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
        event_log.actor_key,
        event_log.action_key,
        event_log.typed_key,
        event_log.is_known_action,
        cast(event_log.received_at as date) as received_day,
        cast(event_log.occurred_at as date) as occurred_day,
        event_log.is_flagged_machine or machine_user_agents.user_agent is not null as is_machine
    from event_log
    left join machine_user_agents
        on event_log.user_agent = machine_user_agents.user_agent
    left join superseded_copies
        on {{ is_same_row('event_log', 'superseded_copies') }}
    where
        event_log.reject_reason is null
        and not event_log.is_later_copy
        and superseded_copies.row_key is null

)

select * from known_engagements
