-- depends_on: {{ ref('raw_tables') }}, which checks them
{%- set raw = raw_table('lists') %}

with

source as (

    select * from {{ raw.relation }}

),

typed as (

    select
        -- ids
        {{ raw_text(raw, 'list_id') }} as list_id,

        -- text
        {{ raw_text(raw, 'list_name') }} as list_name

    from source

)

select * from typed
