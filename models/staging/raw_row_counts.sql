{{ config(materialized='table') }}

with

counted as (

    {% for name in required_columns() %}
    select
        '{{ name }}' as raw_table,
        {% if name in event_sources() %}
        cast(received_at as date) as received_on,
        {% else %}
        cast(null as date) as received_on,
        {% endif %}
        count(*) as row_count
    from {{ ref('stg_' ~ name) }}
    group by 2
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    raw_table,
    received_on,
    row_count,
    '{{ raw_place() | replace("'", "''") }}' as read_from
from counted
