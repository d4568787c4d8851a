{{ config(materialized='table', post_hook="{{ warn_of_unreadable_times(this) }}") }}

with

counted as (

    {% for name, columns in time_columns().items() %}
    {% set is_last_table = loop.last %}
    {% for column in columns %}
    select
        '{{ name }}' as raw_table,
        '{{ column }}' as raw_column,
        count(*) as row_count
    from {{ ref('stg_' ~ name) }}
    where has_unreadable_{{ column }}
    {{ 'union all' if not (is_last_table and loop.last) }}
    {% endfor %}
    {% endfor %}

),

unreadable_times as (

    select * from counted
    where row_count > 0

)

select * from unreadable_times
