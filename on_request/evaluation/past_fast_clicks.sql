with

clicks as (

    select
        row_key,
        event_key,
        occurred_at,
        {{ lookup_key(['actor', "'email_delivered'", 'message_id']) }} as delivery_key
    from {{ ref('known_engagements') }}
    where source = 'email_events' and event_type = 'email_click' and action_key is not null

),

deliveries as (

    select
        action_key as delivery_key,
        occurred_at,
        received_day
    from {{ ref('known_engagements') }}
    where source = 'email_events' and event_type = 'email_delivered' and action_key is not null

),

timed as (

    select
        clicks.row_key,
        clicks.event_key,
        deliveries.received_day,
        clicks.occurred_at
        <= {{ dbt.dateadd('second', var('machine_click_seconds'), 'deliveries.occurred_at') }} as is_too_fast
    from clicks
    inner join deliveries
        on clicks.delivery_key = deliveries.delivery_key
    where {{ var('machine_click_seconds') }} > 0 and deliveries.occurred_at <= clicks.occurred_at

),

-- too fast once a delivery within the seconds before it is known, and until an earlier one is known that is not
past_fast_clicks as (

    select
        row_key,
        event_key,
        min(case when is_too_fast then received_day end) as fast_day,
        coalesce(min(case when not is_too_fast then received_day end), {{ last_day() }}) as slow_day
    from timed
    group by row_key, event_key
    having min(case when is_too_fast then received_day end) is not null

)

select * from past_fast_clicks
