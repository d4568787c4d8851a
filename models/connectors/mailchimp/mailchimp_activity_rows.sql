{{ config(enabled=is_connected('mailchimp')) }}
{%- set campaign = source_table('mailchimp', 'campaign') %}
{%- set recipient = source_table('mailchimp', 'campaign_recipient') %}

with

campaigns as (

    select
        {{ raw_text(campaign, 'id') }} as campaign_id,
        {{ raw_timestamp(campaign, 'send_time') }} as sent_at
    from {{ campaign.relation }}

),

recipients as (

    select
        {{ raw_text(recipient, 'campaign_id') }} as campaign_id,
        {{ raw_text(recipient, 'member_id') }} as member_id
    from {{ recipient.relation }}

),

activities as (

    {% for name, email_id in [
        ('campaign_recipient_activity', 'campaign_id'),
        ('automation_recipient_activity', 'automation_email_id'),
    ] %}
    {%- set activity = source_table('mailchimp', name) %}
    select
        '{{ name }}' as source_table,
        {{ raw_text(activity, 'action') }} as vendor_action,
        {{ raw_text(activity, 'bounce_type') }} as bounce_type,
        {{ raw_text(activity, email_id) }} as campaign_id,
        {{ raw_text(activity, 'member_id') }} as member_id,
        {{ raw_timestamp(activity, 'timestamp') }} as occurred_at,
        {{ raw_text(activity, 'url') }} as link_url
    from {{ activity.relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

    union all

    select
        'campaign_recipient' as source_table,
        'sent' as vendor_action,
        {{ no_text() }} as bounce_type,
        recipients.campaign_id,
        recipients.member_id,
        campaigns.sent_at as occurred_at,
        {{ no_text() }} as link_url
    from recipients
    left join campaigns on recipients.campaign_id = campaigns.campaign_id

),

with_ids as (

    select
        *,
        case
            -- the time of sending is the campaign's, and may change
            when source_table = 'campaign_recipient'
                then {{ id_of_content(['campaign_id', 'member_id', 'vendor_action']) }}
            else {{ id_of_content(['campaign_id', 'member_id', 'vendor_action', 'occurred_at', 'link_url']) }}
        end as event_id
    from activities

)

select
    with_ids.source_table,
    with_ids.event_id,
    case
        when with_ids.source_table = 'campaign_recipient' then 'email_sent'
        when with_ids.vendor_action = 'open' then 'email_open'
        when with_ids.vendor_action = 'click' then 'email_click'
        when with_ids.vendor_action = 'bounce' and with_ids.bounce_type = 'hard' then 'email_hard_bounce'
        when with_ids.vendor_action = 'bounce' then 'email_soft_bounce'
        else with_ids.vendor_action
    end as event_type,
    with_ids.occurred_at,
    addresses.email_address,
    with_ids.member_id as contact_id,
    with_ids.occurred_at as received_at,
    with_ids.campaign_id as message_id,
    with_ids.campaign_id,
    with_ids.link_url,
    {{ no_text() }} as user_agent,
    false as is_machine,
    case
        when with_ids.source_table = 'campaign_recipient' and with_ids.occurred_at is null then 'sending_time_unknown'
    end as left_out
from with_ids
left join {{ ref('mailchimp_addresses') }} as addresses on with_ids.member_id = addresses.member_id
