{{ config(enabled=is_connected('segment')) }}
{%- set identify = source_table('segment', 'identifies', ['user_id']) %}

with

calls as (

    select
        {% for trait in segment_traits() %}
        {{ raw_text(identify, trait) }} as {{ trait }},
        {{ raw_text(identify, 'context_traits_' ~ trait) }} as context_{{ trait }},
        {% endfor %}
        {{ raw_text(identify, 'user_id') }} as contact_id,
        {{ raw_text(identify, 'anonymous_id') }} as visitor_id,
        {{ raw_timestamp(identify, 'timestamp') }} as happened_at,
        {{ raw_timestamp(identify, 'original_timestamp') }} as clock_said_at
    from {{ identify.relation }}

)

select
    contact_id,
    visitor_id,
    coalesce(happened_at, clock_said_at) as identified_at,
    {% for trait in segment_traits() %}
    coalesce({{ trait }}, context_{{ trait }}) as {{ trait }},
    {% endfor %}
    case when contact_id is null then 'without_user_id' end as left_out
from calls
