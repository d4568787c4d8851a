-- depends_on: {{ ref('raw_tables') }}, which checks them
{%- set raw = raw_table('web_events') %}

with

source as (

    select * from {{ raw.relation }}

),

typed as (

    select
        -- ids
        {{ raw_text(raw, 'event_id') }} as event_id,
        {{ raw_text(raw, 'visitor_id') }} as visitor_id,
        {{ raw_text(raw, 'email_click_event_id') }} as email_click_event_id,

        -- text
        {{ raw_text(raw, 'event_type') }} as event_type,
        {{ raw_email(raw, 'email_address') }} as email_address,
        {{ raw_text(raw, 'page_url') }} as page_url,
        {{ raw_text(raw, 'user_agent') }} as user_agent,
        {{ raw_timestamp_text(raw, 'occurred_at') }} as occurred_at_as_read,

        -- times that are filled in but cannot be read
        {{ raw_is_unreadable(raw, 'occurred_at') }} as has_unreadable_occurred_at,
        {{ raw_is_unreadable(raw, 'received_at') }} as has_unreadable_received_at,

        -- timestamps
        {{ raw_timestamp(raw, 'occurred_at') }} as occurred_at,
        {{ raw_timestamp(raw, 'received_at') }} as received_at,
        {{ raw_timestamp_as_read(raw, 'received_at') }} as received_at_as_read

    from source

    {% if not var('website_tracking') %}where false{% endif %}

)

select * from typed
