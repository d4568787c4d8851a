-- depends_on: {{ ref('raw_tables') }}, which checks them
{%- set raw = raw_table('list_memberships') %}

with

source as (

    select * from {{ raw.relation }}

),

typed as (

    select
        -- ids
        {{ raw_text(raw, 'list_id') }} as list_id,
        {{ raw_text(raw, 'contact_id') }} as contact_id,

        -- times that are filled in but cannot be read
        {{ raw_is_unreadable(raw, 'added_at') }} as has_unreadable_added_at,
        {{ raw_is_unreadable(raw, 'removed_at') }} as has_unreadable_removed_at,

        -- timestamps
        {{ raw_timestamp(raw, 'added_at') }} as added_at,
        {{ raw_timestamp(raw, 'removed_at') }} as removed_at

    from source

)

select * from typed
