{{ config(materialized='table') }}

with

engagements as (

    select * from {{ ref('engagements') }}
    where action_key is not null

),

event_log as (

    select * from {{ ref('event_log') }}

),

-- done again in the last 90 days, or found to have been done before
candidates as (

    select action_key from event_log
    where is_known_action and {{ is_in_longest_window('occurred_at') }}

    union

    select action_key from event_log
    where is_earlier_action

),

-- a machine's open does not make the person's own one a repeat
counted as (

    select
        log_id,
        sum(case when machine_reason is null then 1 else 0 end) over (
            partition by action_key, actor, event_type, message_id, link_url
            order by received_at, event_id
            rows between unbounded preceding and 1 preceding
        ) as earlier_ones
    from engagements
    where action_key in (select candidates.action_key from candidates)

),

repeats as (

    select log_id from counted
    where earlier_ones > 0

)

select * from repeats
