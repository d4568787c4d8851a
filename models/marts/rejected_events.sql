{{ config(materialized='table') }}
-- depends_on: {{ ref('erased_rows') }}

with

event_log as (

    select * from {{ ref('event_log') }}
    where reject_reason is not null and not is_erased

),

rejected_events as (

    select
        source,
        event_id,
        reject_reason as reason,
        received_at,
        event_type,
        coalesce(occurred_at_as_read, cast(occurred_at as {{ dbt.type_string() }})) as occurred_at,
        case when actor_type = 'email' then actor else email_address end as email_address,
        case when source = 'web_events' then actor end as visitor_id,
        case when actor_type = 'contact' then actor end as contact_id,
        message_id,
        campaign_id,
        link_url,
        page_url,
        email_click_event_id,
        detail,
        user_agent,
        is_flagged_machine as is_machine
    from event_log

)

select * from rejected_events
