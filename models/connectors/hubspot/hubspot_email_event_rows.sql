{{ config(enabled=is_connected('hubspot')) }}
{%- set is_loaded = source_table('hubspot', 'email_event').types %}
{%- set needed = ['id', 'type', 'created', 'recipient'] if is_loaded else [] %}
{%- set email_event = source_table('hubspot', 'email_event', needed) %}
{%- set open = source_table('hubspot', 'email_event_open') %}
{%- set click = source_table('hubspot', 'email_event_click') %}
{%- set bounce = source_table('hubspot', 'email_event_bounce') %}
{%- set status_change = source_table('hubspot', 'email_event_status_change') %}

with

events as (

    select
        {{ raw_text(email_event, 'id') }} as event_id,
        {{ raw_text(email_event, 'type') }} as vendor_type,
        {{ raw_timestamp(email_event, 'created') }} as occurred_at,
        {{ raw_text(email_event, 'recipient') }} as email_address,
        {{ raw_timestamp(email_event, '_fivetran_synced') }} as received_at,
        {{ raw_text(email_event, 'sent_by_id') }} as sent_by_id,
        {{ raw_text(email_event, 'email_campaign_id') }} as campaign_id,
        {{ raw_boolean(email_event, 'filtered_event') }} as is_filtered
    from {{ email_event.relation }}

),

opens as (

    select
        {{ raw_text(open, 'id') }} as event_id,
        {{ raw_text(open, 'user_agent') }} as user_agent
    from {{ open.relation }}

),

clicks as (

    select
        {{ raw_text(click, 'id') }} as event_id,
        {{ raw_text(click, 'url') }} as link_url,
        {{ raw_text(click, 'user_agent') }} as user_agent
    from {{ click.relation }}

),

bounces as (

    select
        {{ raw_text(bounce, 'id') }} as event_id,
        {{ raw_text(bounce, 'category') }} as category
    from {{ bounce.relation }}

),

status_changes as (

    select
        {{ raw_text(status_change, 'id') }} as event_id,
        {{ raw_text(status_change, 'portal_subscription_status') }} as status
    from {{ status_change.relation }}

)

select
    events.event_id,
    case
        when events.vendor_type = 'SENT' then 'email_sent'
        when events.vendor_type = 'DELIVERED' then 'email_delivered'
        when events.vendor_type = 'DEFERRED' then 'email_deferred'
        when events.vendor_type = 'OPEN' then 'email_open'
        when events.vendor_type = 'CLICK' then 'email_click'
        when events.vendor_type = 'BOUNCE' and bounces.category = 'UNKNOWN_USER' then 'email_hard_bounce'
        when events.vendor_type = 'BOUNCE' then 'email_soft_bounce'
        when events.vendor_type = 'SPAMREPORT' then 'email_spam_complaint'
        when events.vendor_type = 'STATUSCHANGE' and status_changes.status = 'UNSUBSCRIBED' then 'email_unsubscribe'
        when events.vendor_type = 'STATUSCHANGE' and status_changes.status = 'SUBSCRIBED' then 'email_resubscribe'
        else events.vendor_type
    end as event_type,
    events.occurred_at,
    events.email_address,
    {{ no_text() }} as contact_id,
    events.received_at,
    case when events.vendor_type = 'SENT' then events.event_id else events.sent_by_id end as message_id,
    events.campaign_id,
    clicks.link_url,
    coalesce(clicks.user_agent, opens.user_agent) as user_agent,
    events.is_filtered as is_machine,
    case
        when events.vendor_type = 'PROCESSED' then 'processed_before_it_is_sent'
        when events.vendor_type in ('DROPPED', 'SUPPRESSED') then 'never_sent'
        when events.vendor_type in ('PRINT', 'FORWARD') then 'printed_or_forwarded'
        when events.vendor_type = 'UNBOUNCE' then 'bounce_taken_back'
        when events.vendor_type = 'STATUSCHANGE' and status_changes.status is null then 'change_of_one_subscription'
    end as left_out
from events
left join opens on events.event_id = opens.event_id
left join clicks on events.event_id = clicks.event_id
left join bounces on events.event_id = bounces.event_id
left join status_changes on events.event_id = status_changes.event_id
