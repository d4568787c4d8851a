{{ config(materialized='table') }}

with

event_log as {{ not_materialized() }} (

    select * from {{ ref('event_log') }}
    where source = 'email_events' and action_key is not null and reject_reason is null and not is_later_copy

),

superseded_copies as (

    select * from {{ ref('superseded_copies') }}

),

click_bursts as (

    select * from {{ ref('click_bursts') }}

),

clicks as (

    select
        row_key,
        event_key,
        actor,
        message_id,
        occurred_at,
        {{ lookup_key(['actor', "'email_delivered'", 'message_id']) }} as delivery_key
    from event_log
    where event_type = 'email_click'

),

first_deliveries as (

    select
        event_log.action_key as delivery_key,
        min(event_log.occurred_at) as delivered_at
    from event_log
    left join superseded_copies
        on {{ is_same_row('event_log', 'superseded_copies') }}
    where
        event_log.event_type = 'email_delivered'
        and superseded_copies.row_key is null
        and event_log.action_key in (select clicks.delivery_key from clicks)
    group by event_log.action_key

),

-- nobody reads a message and clicks within seconds of its delivery
fast_clicks as (

    select
        clicks.row_key,
        clicks.event_key
    from clicks
    inner join first_deliveries
        on clicks.delivery_key = first_deliveries.delivery_key
    where
        {{ var('machine_click_seconds') }} > 0
        and clicks.occurred_at >= first_deliveries.delivered_at
        and clicks.occurred_at
        <= {{ dbt.dateadd('second', var('machine_click_seconds'), 'first_deliveries.delivered_at') }}

),

machine_clicks as (

    select
        row_key,
        event_key,
        'click_burst' as machine_reason
    from click_bursts

    union all

    select
        row_key,
        event_key,
        'too_fast' as machine_reason
    from fast_clicks
    where
        not exists (
            select 1 from click_bursts
            where {{ is_same_row('fast_clicks', 'click_bursts') }}
        )

)

select * from machine_clicks
