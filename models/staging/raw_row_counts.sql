{{ config(materialized='table') }}

with

counted as (

    {% for name in required_columns() %}
    select
        '{{ name }}' as raw_table,
        count(*) as row_count
    from {{ ref('stg_' ~ name) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    raw_table,
    row_count,
    '{{ raw_place() | replace("'", "''") }}' as read_from
from counted
