{{ config(enabled=is_connected('mailchimp')) }}

with

counted as (

    {% for source_name, raw_name in [
        ('member', 'mailchimp_contacts'),
        ('segment_member', 'mailchimp_list_memberships'),
        ('list', 'mailchimp_lists'),
        ('segment', 'mailchimp_lists'),
        ('status of member', 'mailchimp_email_events'),
        ('unsubscribe', 'mailchimp_email_events'),
        ('campaign_recipient', 'mailchimp_email_events'),
        ('campaign_recipient_activity', 'mailchimp_email_events'),
        ('automation_recipient_activity', 'mailchimp_email_events'),
    ] %}
    {%- set table = source_name | replace('status of ', '') %}
    {{ count_of_rows(source_name, 'source_rows', source_table('mailchimp', table).relation) }}
    union all
    {{ count_of_rows(
        source_name, 'raw_rows', ref(raw_name),
        "true" if raw_name == 'mailchimp_contacts' else "source_table = '" ~ table ~ "'"
    ) }}
    union all
    {% endfor %}

    {% for rows in ['mailchimp_activity_rows', 'mailchimp_subscription_rows'] %}
    select
        case when source_table = 'member' then 'status of member' else source_table end as source_table,
        left_out as counted,
        count(*) as row_count
    from {{ ref(rows) }}
    where left_out is not null
    group by source_table, left_out
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from counted
