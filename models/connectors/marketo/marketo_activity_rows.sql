{{ config(enabled=is_connected('marketo')) }}

with

activities as (

    {% for name in marketo_activity_tables() %}
    {% set activity = source_table('marketo', name) %}
    select
        '{{ name }}' as source_table,
        '{{ name | replace("activity_", "") }} ' || {{ raw_text(activity, 'id') }} as event_id,
        {{ raw_timestamp(activity, 'activity_date') }} as occurred_at,
        {{ raw_text(activity, 'lead_id') }} as contact_id,
        {{ raw_timestamp(activity, '_fivetran_synced') }} as received_at,
        coalesce(
            {{ raw_text(activity, 'webpage_url') }}, {{ raw_text(activity, 'primary_attribute_value') }}
        ) as detail,
        {{ raw_boolean(activity, 'success') }} as is_success
    from {{ activity.relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    source_table,
    event_id,
    case
        when source_table = 'activity_fill_out_form' then 'form_submission'
        when source_table = 'activity_visit_webpage' then 'page_view'
        when source_table = 'activity_click_link' then 'link_click'
        when source_table = 'activity_change_status_in_progression' then 'program_success'
    end as event_type,
    occurred_at,
    contact_id,
    received_at,
    detail,
    case
        when source_table = 'activity_change_status_in_progression' and not is_success then 'no_success'
        when
            not {{ var('website_tracking') | lower }}
            and source_table in ('activity_visit_webpage', 'activity_click_link')
            then 'website_tracking_is_off'
    end as left_out
from activities
