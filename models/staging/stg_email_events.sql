-- depends_on: {{ ref('raw_tables') }}, which checks them
{%- set raw = raw_table('email_events') %}

with

source as (

    select * from {{ raw.relation }}

),

typed as (

    select
        -- ids
        {{ raw_text(raw, 'event_id') }} as event_id,
        {{ raw_text(raw, 'contact_id') }} as contact_id,
        {{ raw_text(raw, 'message_id') }} as message_id,
        {{ raw_text(raw, 'campaign_id') }} as campaign_id,

        -- text
        {{ raw_text(raw, 'event_type') }} as event_type,
        {{ raw_email(raw, 'email_address') }} as email_address,
        {{ raw_text(raw, 'link_url') }} as link_url,
        {{ raw_text(raw, 'user_agent') }} as user_agent,
        {{ raw_timestamp_text(raw, 'occurred_at') }} as occurred_at_as_read,

        -- booleans
        {{ raw_boolean(raw, 'is_machine') }} as is_machine,

        -- times that are filled in but cannot be read
        {{ raw_is_unreadable(raw, 'occurred_at') }} as has_unreadable_occurred_at,
        {{ raw_is_unreadable(raw, 'received_at') }} as has_unreadable_received_at,

        -- timestamps
        {{ raw_timestamp(raw, 'occurred_at') }} as occurred_at,
        {{ raw_timestamp(raw, 'received_at') }} as received_at,
        {{ raw_timestamp_as_read(raw, 'received_at') }} as received_at_as_read

    from source

)

select * from typed
