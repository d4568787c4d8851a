with

clicks as (

    select * from {{ ref('engagements_to_mark') }}
    where event_type = 'email_click' and source = 'email_events' and message_id is not null

),

-- three links of one message are needed, which few recipients ever click
candidates as (

    select
        actor,
        message_id
    from clicks
    group by actor, message_id
    having count(distinct link_url) >= 3

),

candidate_clicks as (

    select clicks.*
    from clicks
    inner join candidates
        on
            clicks.actor = candidates.actor
            and clicks.message_id = candidates.message_id

),

-- a span that holds a burst can be moved to begin at its first click
span_starts as (

    select distinct
        actor,
        message_id,
        occurred_at as starts_at
    from candidate_clicks

),

bursts as (

    select
        span_starts.actor,
        span_starts.message_id,
        span_starts.starts_at
    from span_starts
    inner join candidate_clicks
        on
            span_starts.actor = candidate_clicks.actor
            and span_starts.message_id = candidate_clicks.message_id
            and candidate_clicks.occurred_at between span_starts.starts_at
            and {{ dbt.dateadd('second', 10, 'span_starts.starts_at') }}
    group by span_starts.actor, span_starts.message_id, span_starts.starts_at
    having count(distinct candidate_clicks.link_url) >= 3

),

clicks_in_bursts as (

    select distinct candidate_clicks.*
    from candidate_clicks
    inner join bursts
        on
            candidate_clicks.actor = bursts.actor
            and candidate_clicks.message_id = bursts.message_id
            and candidate_clicks.occurred_at between bursts.starts_at
            and {{ dbt.dateadd('second', 10, 'bursts.starts_at') }}

)

select
    {{ marked_by_columns() | join(',\n    ') }}
from clicks_in_bursts
