{{ config(enabled=is_connected('salesforce')) }}
{%- set task = source_table('salesforce', 'task') %}
{%- set event = source_table('salesforce', 'event') %}
{%- set meeting = {'Event': 'meeting_attended', 'Other': 'meeting_attended'} %}
{%- set other_task = {'Task': 'task_completed', 'Other': 'task_completed'} %}

with

tasks as (

    select
        {{ raw_text(task, 'id') }} as activity_id,
        case
            when {{ raw_text(task, 'task_subtype') }} <> 'Task' then {{ raw_text(task, 'task_subtype') }}
            else coalesce({{ raw_text(task, 'type') }}, 'Task')
        end as vendor_type,
        coalesce(
            {{ raw_timestamp(task, 'completed_date_time') }}, {{ raw_timestamp(task, 'activity_date') }}
        ) as completed_at,
        (
            {{ raw_boolean(task, 'is_closed') }}
            or coalesce({{ raw_text(task, 'status') }} = 'Completed', false)
        ) as is_completed,
        {{ raw_text(task, 'who_id') }} as contact_id,
        {{ raw_text(task, 'subject') }} as subject,
        {{ is_gone(task) }} as is_deleted,
        {{ version_number(task) }} as version_number
    from {{ task.relation }}

),

events as (

    select
        {{ raw_text(event, 'id') }} as activity_id,
        coalesce({{ raw_text(event, 'type') }}, 'Event') as vendor_type,
        {{ raw_timestamp(event, 'created_date') }} as booked_at,
        coalesce(
            {{ raw_timestamp(event, 'start_date_time') }},
            {{ raw_timestamp(event, 'activity_date_time') }},
            {{ raw_timestamp(event, 'activity_date') }}
        ) as held_at,
        {{ raw_text(event, 'who_id') }} as contact_id,
        {{ raw_text(event, 'subject') }} as subject,
        {{ raw_boolean(event, 'is_child') }} as is_child,
        {{ is_gone(event) }} as is_deleted,
        {{ version_number(event) }} as version_number
    from {{ event.relation }}

),

typed_events as (

    select
        *,
        {{ salesforce_activity_type('vendor_type', meeting) }} as event_type,
        case
            when version_number > 1 then 'earlier_version'
            when is_deleted then 'deleted'
            when is_child then 'copy_for_an_invitee'
            when contact_id is null then 'names_no_person'
        end as left_out
    from events

),

activities as (

    select
        'task' as source_table,
        activity_id as event_id,
        {{ salesforce_activity_type('vendor_type', other_task) }} as event_type,
        completed_at as occurred_at,
        contact_id,
        subject as detail,
        case
            when version_number > 1 then 'earlier_version'
            when is_deleted then 'deleted'
            when not is_completed then 'not_completed'
            when contact_id is null then 'names_no_person'
        end as left_out
    from tasks

    union all

    select
        'event (held)' as source_table,
        activity_id as event_id,
        event_type,
        held_at as occurred_at,
        contact_id,
        subject as detail,
        case
            when left_out is not null then left_out
            when held_at >= {{ as_of() }} then 'not_held_yet'
        end as left_out
    from typed_events

    union all

    select
        'event (booked)' as source_table,
        activity_id || ' booked' as event_id,
        'meeting_booked' as event_type,
        booked_at as occurred_at,
        contact_id,
        subject as detail,
        case
            when left_out is not null then left_out
            when event_type <> 'meeting_attended' then 'no_meeting'
            when booked_at >= held_at then 'entered_afterwards'
        end as left_out
    from typed_events

    union all

    select
        'campaign_member (responses)' as source_table,
        members.member_id as event_id,
        'campaign_response' as event_type,
        coalesce(members.responded_at, members.added_at) as occurred_at,
        members.contact_id,
        campaigns.list_name as detail,
        case
            when members.left_out is not null then members.left_out
            when members.is_deleted then 'deleted'
            when not members.has_responded then 'no_response'
        end as left_out
    from {{ ref('salesforce_campaign_member_rows') }} as members
    left join {{ ref('salesforce_campaign_rows') }} as campaigns
        on members.list_id = campaigns.list_id and campaigns.left_out is null

)

select * from activities
