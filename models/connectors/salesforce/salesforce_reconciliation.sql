{{ config(enabled=is_connected('salesforce')) }}

with

counted as (

    {% for source_name, rows, raw_name in [
        ('contact', 'salesforce_people', 'salesforce_contacts'),
        ('lead', 'salesforce_people', 'salesforce_contacts'),
        ('contact (bounces)', 'salesforce_email_event_rows', 'salesforce_email_events'),
        ('lead (bounces)', 'salesforce_email_event_rows', 'salesforce_email_events'),
        ('contact_history', 'salesforce_history_rows', 'salesforce_email_events'),
        ('lead_history', 'salesforce_history_rows', 'salesforce_email_events'),
        ('task', 'salesforce_activity_rows', 'salesforce_activities'),
        ('event (held)', 'salesforce_activity_rows', 'salesforce_activities'),
        ('event (booked)', 'salesforce_activity_rows', 'salesforce_activities'),
        ('campaign_member (responses)', 'salesforce_activity_rows', 'salesforce_activities'),
    ] %}
    {% set of_source = "source_table = '" ~ source_name ~ "'" %}
    {{ count_of_rows(source_name, 'source_rows', source_table('salesforce', source_name.split(' ')[0]).relation) }}
    union all
    {{ count_of_rows(source_name, 'raw_rows', ref(raw_name), of_source) }}
    union all
    {{ count_of_left_out_rows(source_name, ref(rows), of_source) }}
    union all
    {% endfor %}

    -- old addresses of contacts and leads
    select
        source_table,
        'identities' as counted,
        count(*) as row_count
    from {{ ref('salesforce_identities') }}
    group by source_table
    union all

    {% for source_name, rows, raw_name in [
        ('campaign', 'salesforce_campaign_rows', 'salesforce_lists'),
        ('campaign_member', 'salesforce_campaign_member_rows', 'salesforce_list_memberships'),
    ] %}
    {{ count_of_rows(source_name, 'source_rows', source_table('salesforce', source_name).relation) }}
    union all
    {{ count_of_rows(source_name, 'raw_rows', ref(raw_name)) }}
    union all
    {{ count_of_left_out_rows(source_name, ref(rows)) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from counted
