with

clicks as (

    select
        row_key,
        event_key,
        actor,
        message_id,
        link_url,
        occurred_at,
        received_day
    from {{ ref('known_engagements') }}
    where source = 'email_events' and event_type = 'email_click' and action_key is not null

),

click_bursts as (

    select * from {{ ref('click_bursts') }}

),

-- what is a burst by the rows received so far is one by all rows
burst_clicks as (

    select clicks.*
    from clicks
    inner join click_bursts
        on {{ is_same_row('clicks', 'click_bursts') }}

),

links_in_spans as (

    select
        span_starts.actor,
        span_starts.message_id,
        span_starts.occurred_at as starts_at,
        clicks_in_span.link_url,
        min(clicks_in_span.received_day) as received_day
    from burst_clicks as span_starts
    inner join burst_clicks as clicks_in_span
        on
            span_starts.actor = clicks_in_span.actor
            and span_starts.message_id = clicks_in_span.message_id
            and clicks_in_span.occurred_at between span_starts.occurred_at
            and {{ dbt.dateadd('second', 10, 'span_starts.occurred_at') }}
    where clicks_in_span.link_url is not null
    group by span_starts.actor, span_starts.message_id, span_starts.occurred_at, clicks_in_span.link_url

),

numbered_links as (

    select
        *,
        row_number() over (partition by actor, message_id, starts_at order by received_day, link_url) as link_number
    from links_in_spans

),

-- a span is a burst from the moment that the third link is known
past_click_bursts as (

    select
        burst_clicks.row_key,
        burst_clicks.event_key,
        min(numbered_links.received_day) as burst_day
    from burst_clicks
    inner join numbered_links
        on
            burst_clicks.actor = numbered_links.actor
            and burst_clicks.message_id = numbered_links.message_id
            and burst_clicks.occurred_at between numbered_links.starts_at
            and {{ dbt.dateadd('second', 10, 'numbered_links.starts_at') }}
    where numbered_links.link_number = 3
    group by burst_clicks.row_key, burst_clicks.event_key

)

select * from past_click_bursts
