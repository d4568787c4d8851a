{{ config(enabled=is_connected('marketo')) }}
{%- set lead = source_table('marketo', 'lead', ['id', 'email']) %}

with

leads as (

    select
        {{ raw_text(lead, 'id') }} as contact_id,
        (
            {{ raw_text(lead, 'unsubscribed') }} is not null
            and not {{ raw_boolean(lead, 'unsubscribed') }}
        ) as is_subscribed
    from {{ lead.relation }}

),

activities as (

    {% for name in marketo_email_tables() %}
    {% set activity = source_table('marketo', name) %}
    select
        '{{ name }}' as source_table,
        '{{ name | replace("activity_", "") }} ' || {{ raw_text(activity, 'id') }} as event_id,
        {{ raw_timestamp(activity, 'activity_date') }} as occurred_at,
        {{ raw_text(activity, 'email') }} as email_address,
        {{ raw_text(activity, 'lead_id') }} as contact_id,
        {{ raw_timestamp(activity, '_fivetran_synced') }} as received_at,
        {{ raw_text(activity, 'primary_attribute_value_id') }} as email_id,
        {{ raw_text(activity, 'campaign_id') }} as campaign_id,
        {{ raw_text(activity, 'campaign_run_id') }} as campaign_run_id,
        {{ raw_text(activity, 'link') }} as link_url,
        {{ raw_text(activity, 'user_agent') }} as user_agent,
        {{ raw_boolean(activity, 'is_bot_activity') }} as is_machine,
        {{ raw_text(activity, 'action_result') }} as action_result,
        {{ raw_text(activity, 'category') }} as category
    from {{ activity.relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

typed as (

    select
        activities.source_table,
        activities.event_id,
        case
            when activities.source_table = 'activity_send_email' and activities.action_result <> 'succeeded'
                then activities.action_result
            when activities.source_table = 'activity_send_email' then 'email_sent'
            when activities.source_table = 'activity_email_delivered' then 'email_delivered'
            when activities.source_table = 'activity_open_email' then 'email_open'
            when activities.source_table = 'activity_click_email' then 'email_click'
            when activities.source_table = 'activity_email_bounced' and activities.category = '2'
                then 'email_hard_bounce'
            when activities.source_table in ('activity_email_bounced', 'activity_email_bounced_soft')
                then 'email_soft_bounce'
            when activities.source_table = 'activity_unsubscribe_email' then 'email_unsubscribe'
        end as event_type,
        activities.occurred_at,
        activities.email_address,
        activities.contact_id,
        activities.received_at,
        activities.email_id
        || ' ' || coalesce(activities.campaign_id, '') || ' ' || coalesce(activities.campaign_run_id, '') as message_id,
        activities.campaign_id,
        activities.link_url,
        activities.user_agent,
        activities.is_machine,
        case
            when activities.source_table = 'activity_send_email' and activities.action_result = 'skipped'
                then 'never_sent'
            when activities.source_table = 'activity_unsubscribe_email' and leads.is_subscribed
                then 'still_subscribed'
        end as left_out
    from activities
    left join leads on activities.contact_id = leads.contact_id

),

opt_outs as (

    select
        'activity_change_data_value' as source_table,
        'change_data_value ' || change_id as event_id,
        case when is_true then 'email_unsubscribe' else 'email_resubscribe' end as event_type,
        changed_at as occurred_at,
        {{ no_text() }} as email_address,
        contact_id,
        synced_at as received_at,
        {{ no_text() }} as message_id,
        {{ no_text() }} as campaign_id,
        {{ no_text() }} as link_url,
        {{ no_text() }} as user_agent,
        false as is_machine,
        left_out
    from {{ ref('marketo_change_rows') }}
    where field_name = 'Unsubscribed'

)

{% set columns = ['source_table'] + raw_columns()['email_events'] + ['left_out'] %}
select
    {{ columns | join(',\n    ') }}
from typed
union all
select
    {{ columns | join(',\n    ') }}
from opt_outs
