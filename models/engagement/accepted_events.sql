{{ config(materialized='table') }}

with

event_rows as (

    select * from {{ ref('event_rows') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by source, event_id
            order by
                received_at,
                occurred_at,
                event_type,
                -- each table's own columns in the order of the contract; the other tables' are null
                visitor_id nulls last,
                contact_id nulls last,
                page_url nulls last,
                email_click_event_id nulls last,
                email_address nulls last,
                message_id nulls last,
                campaign_id nulls last,
                link_url nulls last,
                detail nulls last,
                user_agent nulls last,
                is_flagged_machine
        ) as copy_number
    from event_rows
    where reject_reason is null

),

first_copies as (

    select
        source,
        event_id,
        event_type,
        actor_type,
        actor,
        occurred_at,
        received_at,
        message_id,
        campaign_id,
        link_url,
        page_url,
        email_click_event_id,
        email_address,
        detail,
        user_agent,
        is_flagged_machine
    from ranked
    where copy_number = 1

)

select * from first_copies
