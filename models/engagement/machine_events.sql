{{ config(materialized=worked_out_once('ephemeral')) }}

with

machine_user_agents as (

    select * from {{ ref('machine_user_agents_seen') }}

),

-- beside the engagements, not joined with them: to find a few clicks again among all events takes far longer
suspects as (

    select
        *,
        false as is_in_burst
    from {{ ref('engagements_to_mark') }}

    union all

    select
        *,
        true as is_in_burst
    from {{ ref('click_bursts') }}

),

-- distinct, for a click in a burst comes twice
machine_events as (

    select distinct
        suspects.source,
        suspects.event_id,
        suspects.event_key,
        suspects.actor_type,
        suspects.actor,
        suspects.period_start,
        case
            when suspects.is_flagged_machine then 'flagged'
            when machine_user_agents.user_agent is not null then 'user_agent'
            else 'click_burst'
        end as machine_reason
    from suspects
    left join machine_user_agents
        on suspects.user_agent = machine_user_agents.user_agent
    where
        suspects.is_flagged_machine
        or machine_user_agents.user_agent is not null
        or suspects.is_in_burst

)

select * from machine_events
