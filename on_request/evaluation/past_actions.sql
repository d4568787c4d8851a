with

known_engagements as {{ not_materialized() }} (

    select * from {{ ref('known_engagements') }}
    where action_key is not null

),

past_actors as (

    select * from {{ ref('past_actors') }}

),

doubtful_clicks as (

    select distinct
        row_key,
        event_key
    from {{ ref('doubtful_clicks') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}
    where not counts_repeats

),

-- most actions are done once
repeated_actions as (

    select action_key from known_engagements
    where
        is_known_action
        and event_type in (select scoring_rules.event_type from scoring_rules)
        and actor_key in (select past_actors.actor_key from past_actors)

),

-- of a machine, of a person, or of either, as more is known
judged as (

    select
        known_engagements.*,
        doubtful_clicks.row_key is not null and not known_engagements.is_machine as is_doubtful,
        doubtful_clicks.row_key is null and not known_engagements.is_machine as is_person
    from known_engagements
    left join doubtful_clicks
        on {{ is_same_row('known_engagements', 'doubtful_clicks') }}
    where known_engagements.action_key in (select repeated_actions.action_key from repeated_actions)

),

-- the same thing done by the same actor, in the order that it was received
numbered as (

    select
        row_key,
        event_key,
        is_doubtful,
        is_person,
        min(row_key) over (partition by action_key, actor, event_type, message_id, link_url) as thing,
        row_number() over (
            partition by action_key, actor, event_type, message_id, link_url
            order by received_at, event_id
        ) as place
    from judged

),

past_actions as (

    select
        *,
        sum(case when is_person then 1 else 0 end) over (
            partition by thing order by place rows between unbounded preceding and current row
        ) - case when is_person then 1 else 0 end as persons_before,
        sum(case when is_doubtful then 1 else 0 end) over (
            partition by thing order by place rows between unbounded preceding and current row
        ) - case when is_doubtful then 1 else 0 end as doubtful_before
    from numbered

)

select * from past_actions
where place > 1 or is_doubtful
