-- depends_on: {{ ref('raw_tables') }}, which checks them
{%- set raw = raw_table('consents') %}

with

source as (

    select * from {{ raw.relation }}

),

typed as (

    select
        -- ids
        {{ raw_text(raw, 'visitor_id') }} as visitor_id,

        -- booleans
        {{ raw_boolean(raw, 'is_granted') }} as is_granted,

        -- times that are filled in but cannot be read
        {{ raw_is_unreadable(raw, 'decided_at') }} as has_unreadable_decided_at,

        -- timestamps
        {{ raw_timestamp(raw, 'decided_at') }} as decided_at

    from source

)

select * from typed
