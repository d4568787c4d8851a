-- depends_on: {{ ref('raw_tables') }}, which checks them
{%- set raw = raw_table('attributes') %}

with

source as (

    select * from {{ raw.relation }}

),

typed as (

    select
        -- ids
        {{ raw_text(raw, 'contact_id') }} as contact_id,

        -- text
        {{ raw_text(raw, 'attribute_name') }} as attribute_name,
        {{ raw_text(raw, 'attribute_value') }} as attribute_value,

        -- times that are filled in but cannot be read
        {{ raw_is_unreadable(raw, 'updated_at') }} as has_unreadable_updated_at,

        -- timestamps
        {{ raw_timestamp(raw, 'updated_at') }} as updated_at

    from source

)

select * from typed
