with

accepted_events as (

    select * from {{ ref('accepted_events') }}

),

machine_user_agents as (

    select * from {{ ref('machine_user_agents_seen') }}

),

click_bursts as (

    select * from {{ ref('click_bursts') }}

),

machine_events as (

    select
        accepted_events.source,
        accepted_events.event_id,
        case
            when accepted_events.is_flagged_machine then 'flagged'
            when machine_user_agents.user_agent is not null then 'user_agent'
            else 'click_burst'
        end as machine_reason
    from accepted_events
    left join machine_user_agents
        on accepted_events.user_agent = machine_user_agents.user_agent
    left join click_bursts
        on
            accepted_events.source = click_bursts.source
            and accepted_events.event_id = click_bursts.event_id
    where
        accepted_events.is_flagged_machine
        or machine_user_agents.user_agent is not null
        or click_bursts.event_id is not null

)

select * from machine_events
