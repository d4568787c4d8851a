{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- Three rows of the demo cannot count, each for a different reason.
with

expected as (

    select
        'email_events' as source,
        'missing_event_id' as reason,
        cast(null as {{ dbt.type_string() }}) as event_id
    {% if var('website_tracking') %}
    union all
    select
        'web_events' as source,
        'invalid_occurred_at' as reason,
        'wb-broken-time' as event_id
    {% endif %}
    union all
    select
        'activities' as source,
        'missing_actor' as reason,
        'ac-broken-actor' as event_id

),

rejected_events as (

    select * from {{ ref('rejected_events') }}

)

select
    coalesce(expected.source, rejected_events.source) as source,
    expected.reason as expected_reason,
    rejected_events.reason
from expected
full outer join rejected_events
    on
        expected.source = rejected_events.source
        and expected.reason = rejected_events.reason
        and expected.event_id is not distinct from rejected_events.event_id
where expected.source is null or rejected_events.source is null
