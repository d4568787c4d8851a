{{ config(enabled=is_connected('marketo')) }}

with

counted as (

    {{ count_of_rows('lead', 'source_rows', source_table('marketo', 'lead').relation) }}
    union all
    {{ count_of_rows('lead', 'raw_rows', ref('marketo_contacts')) }}
    union all

    {% for source_name, raw_name in [
        ('list', 'marketo_lists'),
        ('program', 'marketo_lists'),
        ('list_membership', 'marketo_list_memberships'),
        ('program_membership', 'marketo_list_memberships'),
    ] %}
    {{ count_of_rows(source_name, 'source_rows', source_table('marketo', source_name).relation) }}
    union all
    {{ count_of_rows(source_name, 'raw_rows', ref(raw_name), "source_table = '" ~ source_name ~ "'") }}
    union all
    {% endfor %}

    {% for source_name in marketo_email_tables() + ['activity_change_data_value'] + marketo_activity_tables() %}
    {{ count_of_rows(source_name, 'source_rows', source_table('marketo', source_name).relation) }}
    union all
    {% endfor %}

    {% for rows, raw_name in [
        ('marketo_email_event_rows', 'marketo_email_events'),
        ('marketo_activity_rows', 'marketo_activities'),
    ] %}
    select
        source_table,
        'raw_rows' as counted,
        count(*) as row_count
    from {{ ref(raw_name) }}
    group by source_table
    union all
    select
        source_table,
        left_out as counted,
        count(*) as row_count
    from {{ ref(rows) }}
    where left_out is not null
    group by source_table, left_out
    union all
    {% endfor %}

    -- an opt-out that is unchanged stands among the e-mail events
    select
        'activity_change_data_value' as source_table,
        coalesce(left_out, 'identities') as counted,
        count(*) as row_count
    from {{ ref('marketo_change_rows') }}
    where coalesce(field_name, '') <> 'Unsubscribed'
    group by coalesce(left_out, 'identities')

)

select * from counted
