{{ config(materialized=worked_out_once('view')) }}
{%- set last_build = last_build() %}

with

{% if last_build %}
due_rows as (

    {% for source in event_sources() %}
    select * from {{ ref('event_rows') }}
    where {{ is_due(source, last_build) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

known_rows as (

    {% for source in event_sources() %}
    {{ known_row_keys(built_before('read_events'), source, last_build) }}

    union all
    {% endfor %}

    select row_key
    from {{ built_before('erased_events') }}

),

known_times as (

    select
        row_key,
        count(*) as times_known
    from known_rows
    group by row_key

),

-- a row that came in twice is two rows
numbered as (

    select
        *,
        {{ row_key() }} as row_key,
        row_number() over (partition by {{ row_key() }} order by event_id) as row_copy
    from due_rows

),

{% endif %}
new_event_rows as (

    {% if last_build %}
    select numbered.*
    from numbered
    left join known_times
        on numbered.row_key = known_times.row_key
    where numbered.row_copy > coalesce(known_times.times_known, 0)
    {% else %}
    select * from {{ ref('event_rows') }}
    where false
    {% endif %}

)

select
    {{ read_event_columns() | join(',\n    ') }}
from new_event_rows
