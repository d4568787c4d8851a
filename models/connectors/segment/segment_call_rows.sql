{{ config(enabled=is_connected('segment')) }}
{%- set event_types = dict({'form_submitted': 'form_submission'}, **var('segment_event_types', {})) %}
{%- set consent = 'context_consent_category_preferences_' ~ var('segment_consent_category', 'analytics') %}
{%- set columns = [] %}

with

calls as (

    {% for name, event_type in [('pages', "'page_view'"), ('screens', "'screen_view'"), ('tracks', none)] %}
    {%- set call = source_table('segment', name) %}
    {%- do columns.extend(call.types) %}
    select
        '{{ name }}' as source_table,
        {{ raw_text(call, 'id') }} as event_id,
        {{ event_type or raw_text(call, 'event') }} as vendor_type,
        {{ raw_timestamp(call, 'timestamp') }} as happened_at,
        {{ raw_timestamp(call, 'original_timestamp') }} as clock_said_at,
        {{ raw_text(call, 'anonymous_id') }} as visitor_id,
        {{ raw_text(call, 'user_id') }} as contact_id,
        {{ raw_timestamp(call, 'received_at') }} as received_at,
        {{ raw_text(call, 'url') }} as url,
        {{ raw_text(call, 'context_page_url') }} as context_url,
        {{ raw_text(call, 'context_traits_email') }} as email_address,
        {{ raw_text(call, 'context_user_agent') }} as user_agent,
        {{ raw_text(call, 'event_text' if name == 'tracks' else 'name') }} as detail,
        {{ raw_text(call, consent) }} as consent
    from {{ call.relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

typed as (

    select
        *,
        case
            {% for vendor_type, event_type in event_types.items() %}
            when vendor_type = '{{ vendor_type | replace("'", "''") }}' then '{{ event_type | replace("'", "''") }}'
            {% endfor %}
            else vendor_type
        end as event_type
    from calls

),

placed as (

    select
        *,
        case
            when event_type in ({{ event_type_list('web_events') }}) and visitor_id is not null then 'web_events'
            when contact_id is not null then 'activities'
            -- there it is rejected, under its own name
            else 'web_events'
        end as raw_table
    from typed

)

select
    source_table,
    raw_table,
    event_id,
    event_type,
    coalesce(happened_at, clock_said_at) as occurred_at,
    visitor_id,
    contact_id,
    received_at,
    coalesce(url, context_url) as page_url,
    {{ no_text() }} as email_click_event_id,
    email_address,
    user_agent,
    detail,
    case when consent is not null then {{ is_true('consent') }} end as is_granted,
    case
        when raw_table = 'activities' and consent is not null and not {{ is_true('consent') }} then 'tracking_refused'
    end as left_out
from placed
{%- set is_lost = var('segment_consent_category', none) and consent not in columns %}
{%- if is_lost and execute and flags.WHICH in ['build', 'run'] %}
    {{ exceptions.raise_compiler_error(
        'segment_consent_category: neither pages, screens nor tracks has the column ' ~ consent ~ '.'
    ) }}
{%- endif %}
