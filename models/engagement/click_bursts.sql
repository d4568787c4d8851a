{{ config(materialized='table') }}

with

clicks as (

    select
        row_key,
        event_key,
        action_key,
        actor,
        message_id,
        link_url,
        occurred_at,
        is_known_action
    from {{ ref('event_log') }}
    where
        event_type = 'email_click'
        and source = 'email_events'
        and action_key is not null
        and reject_reason is null
        and not is_later_copy

),

superseded_copies as (

    select * from {{ ref('superseded_copies') }}

),

-- of three clicks on one message, at least two came in when another one was already known
candidates as (

    select action_key from clicks
    where is_known_action
    group by action_key
    having count(*) > 1

),

candidate_clicks as (

    select *
    from clicks
    where
        action_key in (select candidates.action_key from candidates)
        and not exists (
            select 1 from superseded_copies
            where {{ is_same_row('clicks', 'superseded_copies') }}
        )

),

-- any span that holds a burst can be moved so that it begins at its first click
bursts as (

    select
        span_starts.actor,
        span_starts.message_id,
        span_starts.occurred_at as starts_at
    from candidate_clicks as span_starts
    inner join candidate_clicks as clicks_in_span
        on
            span_starts.action_key = clicks_in_span.action_key
            and span_starts.actor = clicks_in_span.actor
            and span_starts.message_id = clicks_in_span.message_id
            and clicks_in_span.occurred_at between span_starts.occurred_at
            and {{ dbt.dateadd('second', 10, 'span_starts.occurred_at') }}
    group by span_starts.actor, span_starts.message_id, span_starts.occurred_at
    having count(distinct clicks_in_span.link_url) >= 3

),

clicks_in_bursts as (

    select distinct
        candidate_clicks.row_key,
        candidate_clicks.event_key
    from candidate_clicks
    inner join bursts
        on
            candidate_clicks.actor = bursts.actor
            and candidate_clicks.message_id = bursts.message_id
            and candidate_clicks.occurred_at between bursts.starts_at
            and {{ dbt.dateadd('second', 10, 'bursts.starts_at') }}

)

select * from clicks_in_bursts
