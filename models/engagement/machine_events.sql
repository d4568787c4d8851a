{{ config(materialized=worked_out_once('ephemeral')) }}

with

engagements_to_mark as (

    select * from {{ ref('engagements_to_mark') }}

),

machine_user_agents as (

    select * from {{ ref('machine_user_agents_seen') }}

),

click_bursts as (

    select * from {{ ref('click_bursts') }}

),

machine_events as (

    select
        engagements_to_mark.source,
        engagements_to_mark.event_id,
        engagements_to_mark.event_key,
        case
            when engagements_to_mark.is_flagged_machine then 'flagged'
            when machine_user_agents.user_agent is not null then 'user_agent'
            else 'click_burst'
        end as machine_reason
    from engagements_to_mark
    left join machine_user_agents
        on engagements_to_mark.user_agent = machine_user_agents.user_agent
    left join click_bursts
        on {{ is_same_event('engagements_to_mark', 'click_bursts') }}
    where
        engagements_to_mark.is_flagged_machine
        or machine_user_agents.user_agent is not null
        or click_bursts.event_id is not null

)

select * from machine_events
