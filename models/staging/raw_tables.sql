{{ config(materialized='table', pre_hook="{{ drop_outdated_log() }}") }}

-- the checks stop a build here, before any other model reads a raw table
{%- set raw_tables = checked_raw_tables() %}

with

raw_tables as (

    {% for name, raw in raw_tables.items() %}
    select
        '{{ name }}' as raw_table,
        {{ 'true' if raw.types else 'false' }} as is_present
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from raw_tables
