{{ config(materialized='table', post_hook="{{ warn_of_unreadable_times(this) }}") }}

with

-- one read per table, whatever the number of columns: each read of a CSV file goes through all of its lines
{% for name, columns in time_columns().items() %}
{{ name }} as (

    select
        {% for column in columns %}
        count(case when has_unreadable_{{ column }} then 1 end) as {{ column }},
        {% endfor %}
        count(*) as row_count
    from {{ ref('stg_' ~ name) }}
    where has_unreadable_{{ columns | join(' or has_unreadable_') }}

),

{% endfor %}
counted as (

    {% for name, columns in time_columns().items() %}
    {% set is_last_table = loop.last %}
    {% for column in columns %}
    select
        '{{ name }}' as raw_table,
        '{{ column }}' as raw_column,
        {{ name }}.{{ column }} as row_count
    from {{ name }}
    {{ 'union all' if not (is_last_table and loop.last) }}
    {% endfor %}
    {% endfor %}

),

unreadable_times as (

    select * from counted
    where row_count > 0

)

select * from unreadable_times
