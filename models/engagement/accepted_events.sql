with

first_copies as (

    select * from {{ ref('event_copies') }}
    where copy_number = 1

),

machine_user_agents as (

    select * from {{ ref('machine_user_agents_seen') }}

),

click_bursts as (

    select * from {{ ref('click_bursts') }}

),

with_machines as (

    select
        first_copies.*,
        case
            when first_copies.is_flagged_machine then 'flagged'
            when machine_user_agents.user_agent is not null then 'user_agent'
            when click_bursts.event_id is not null then 'click_burst'
        end as machine_reason
    from first_copies
    left join machine_user_agents
        on first_copies.user_agent = machine_user_agents.user_agent
    left join click_bursts
        on
            first_copies.event_id = click_bursts.event_id
            and first_copies.source = 'email_events'

),

with_repeats as (

    select
        source,
        event_id,
        event_type,
        actor_type,
        actor,
        occurred_at,
        received_at,
        message_id,
        campaign_id,
        link_url,
        page_url,
        email_click_event_id,
        email_address,
        detail,
        machine_reason,
        -- a machine's open does not make the person's own one a repeat
        message_id is not null
        and coalesce(
            sum(case when machine_reason is null then 1 else 0 end) over (
                partition by source, actor, event_type, message_id, link_url
                order by received_at, event_id
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) > 0 as is_repeat
    from with_machines

)

select * from with_repeats
