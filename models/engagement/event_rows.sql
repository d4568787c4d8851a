with

email_events as (

    select * from {{ ref('stg_email_events') }}

),

web_events as (

    select * from {{ ref('stg_web_events') }}

),

activities as (

    select * from {{ ref('stg_activities') }}

),

united as (

    select
        'email_events' as source,
        -- a contact id beside an address says nothing more: it is not kept, so it need not be erased either
        case when email_address is null and contact_id is not null then 'contact' else 'email' end as actor_type,
        coalesce(email_address, contact_id) as actor,
        {{ event_columns(message_id='message_id', campaign_id='campaign_id', link_url='link_url',
            user_agent='user_agent', is_flagged_machine='is_machine') }},
        coalesce(event_type in ({{ event_type_list('email_events') }}), false) as is_known_type
    from email_events

    union all

    select
        'web_events' as source,
        'visitor' as actor_type,
        visitor_id as actor,
        {{ event_columns(page_url='page_url', email_click_event_id='email_click_event_id',
            email_address='email_address', user_agent='user_agent') }},
        coalesce(event_type in ({{ event_type_list('web_events') }}), false) as is_known_type
    from web_events

    union all

    select
        'activities' as source,
        'contact' as actor_type,
        contact_id as actor,
        {{ event_columns(detail='detail') }},
        coalesce({{ has_form('event_type', activity_type_form()) }}, false) as is_known_type
    from activities

),

judged as (

    select
        *,
        case
            when event_id is null then 'missing_event_id'
            when occurred_at is null then 'invalid_occurred_at'
            when actor is null then 'missing_actor'
            when not is_known_type then 'unknown_event_type'
            when occurred_at > {{ dbt.dateadd('hour', 24, 'received_at') }} then 'occurs_in_the_future'
        end as reject_reason
    from united

),

keyed as (

    select
        *,
        {{ row_key() }} as row_key,
        {{ lookup_key(['source', 'event_id']) }} as event_key,
        {{ lookup_key(['actor_type', 'actor']) }} as actor_key,
        -- actor, event type and message, whatever the link
        case when message_id is not null then {{ lookup_key(['actor', 'event_type', 'message_id']) }} end as action_key,
        case when email_address is not null then {{ lookup_key(["'email'", 'email_address']) }} end as typed_key
    from judged

)

select * from keyed
