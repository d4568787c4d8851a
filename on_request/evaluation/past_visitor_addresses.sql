with

doubtful_clicks as (

    select * from {{ ref('doubtful_clicks') }}

),

web_events as (

    select
        actor_key,
        occurred_at,
        greatest(received_day, occurred_day) as after_day,
        {{ lookup_key(["'email_events'", 'email_click_event_id']) }} as click_key,
        typed_key
    from {{ ref('known_engagements') }}
    where
        source = 'web_events'
        and (email_click_event_id is not null or email_address is not null)
        and not is_machine

),

email_clicks as (

    select
        row_key,
        event_key,
        actor_key,
        received_day
    from {{ ref('known_engagements') }}
    where source = 'email_events' and event_type = 'email_click' and not is_machine

),

-- a link holds while neither event is known to be a machine's
past_visitor_addresses as (

    select
        web_events.actor_key,
        email_clicks.actor_key as address_key,
        web_events.occurred_at as linked_at,
        greatest(web_events.after_day, email_clicks.received_day, doubtful_clicks.after_day) as after_day,
        coalesce(doubtful_clicks.until_day, {{ last_day() }}) as until_day
    from web_events
    inner join email_clicks
        on web_events.click_key = email_clicks.event_key
    left join doubtful_clicks
        on {{ is_same_row('email_clicks', 'doubtful_clicks') }}

    union all

    select
        actor_key,
        typed_key as address_key,
        occurred_at as linked_at,
        after_day,
        {{ last_day() }} as until_day
    from web_events
    where typed_key is not null

)

select * from past_visitor_addresses
