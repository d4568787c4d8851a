-- depends_on: {{ ref('erased_rows') }}
{{ config(materialized='table') }}

with

-- not materialized: each CTE that reads it needs only a few columns or rows
event_log as {{ not_materialized() }} (

    select * from {{ ref('event_log') }}
    where action_key is not null and reject_reason is null and not is_later_copy

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

-- actions done again in the last 90 days, or with an earlier event that came in later
repeated_actions as (

    select action_key from event_log
    where is_known_action and {{ is_in_longest_window('occurred_at') }}

    union

    select action_key from event_log
    where is_earlier_action

),

candidates as (

    select * from event_log
    where action_key in (select repeated_actions.action_key from repeated_actions)

),

-- a machine's open does not turn the person's own open into a repeat
counted as (

    select
        event_log.row_key,
        event_log.event_key,
        sum(case when {{ machine_reason() }} is null then 1 else 0 end) over (
            partition by
                event_log.action_key, event_log.actor, event_log.event_type, event_log.message_id, event_log.link_url
            order by event_log.received_at, event_log.event_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_ones
    from candidates as event_log
    left join superseded_copies
        on {{ is_same_row('event_log', 'superseded_copies') }}
    left join machine_user_agents
        on event_log.user_agent = machine_user_agents.user_agent
    left join machine_clicks
        on {{ is_same_row('event_log', 'machine_clicks') }}
    where superseded_copies.row_key is null

),

repeats as (

    select
        row_key,
        event_key
    from counted
    where earlier_ones > 0

)

select * from repeats
