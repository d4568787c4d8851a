{{ config(enabled=is_connected('sendgrid')) }}
{%- set event = source_table('sendgrid', 'event') %}
{%- set needed = ['payload'] if 'payload' in event.types else ['email', 'event', 'timestamp', 'sg_event_id'] %}
{%- set event = source_table('sendgrid', 'event', needed) %}

with

events as (

    select
        {% for key in [
            'email', 'event', 'timestamp', 'sg_event_id', 'sg_message_id', 'type', 'url', 'useragent', 'sg_machine_open',
            'marketing_campaign_id', 'singlesend_id',
        ] %}
        {{ payload_text(event, key) }} as vendor_{{ key }},
        {% endfor %}
        {{ raw_timestamp(event, 'received_at') }} as received_at
    from {{ event.relation }}

)

select
    vendor_sg_event_id as event_id,
    case
        when vendor_event = 'processed' then 'email_sent'
        when vendor_event = 'delivered' then 'email_delivered'
        when vendor_event = 'deferred' then 'email_deferred'
        when vendor_event = 'open' then 'email_open'
        when vendor_event = 'click' then 'email_click'
        when vendor_event = 'bounce' and vendor_type = 'bounce' then 'email_hard_bounce'
        when vendor_event = 'bounce' then 'email_soft_bounce'
        when vendor_event = 'unsubscribe' then 'email_unsubscribe'
        when vendor_event = 'spamreport' then 'email_spam_complaint'
        else vendor_event
    end as event_type,
    case
        when {{ has_form('vendor_timestamp', '[0-9]{1,11}') }}
            then {{ seconds_to_utc('cast(vendor_timestamp as bigint)') }}
        -- milliseconds, as in the reference's example of a Single Send
        when {{ has_form('vendor_timestamp', '[0-9]{13}') }}
            then {{ seconds_to_utc('cast(substring(vendor_timestamp, 1, 10) as bigint)') }}
        else {{ readable_timestamp_from_text('vendor_timestamp') }}
    end as occurred_at,
    vendor_email as email_address,
    {{ no_text() }} as contact_id,
    received_at,
    vendor_sg_message_id as message_id,
    coalesce(vendor_marketing_campaign_id, vendor_singlesend_id) as campaign_id,
    vendor_url as link_url,
    vendor_useragent as user_agent,
    {{ is_true('vendor_sg_machine_open') }} as is_machine,
    case
        when vendor_event = 'dropped' then 'never_sent'
        when vendor_event in ('group_unsubscribe', 'group_resubscribe') then 'change_of_one_group'
        when vendor_event = 'account_status_change' then 'about_the_account'
    end as left_out
from events
