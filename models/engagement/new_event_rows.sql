{%- set log = log_of_last_build() %}
{%- set reading = days_to_read(log, ref('raw_row_counts')) %}

with

{% if log %}
rows_to_read as (

    {% for source in event_sources() %}
    select
        *,
        row_number() over (partition by row_key order by event_id) as row_copy
    from {{ ref('event_rows') }}
    where
        (({{ to_read(source, reading[source]) | join(') or (') }}))
        and ({{ may_be_to_read(reading[source]) }})
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

known_rows as (

    {% for source in event_sources() %}
    {% set is_last_source = loop.last %}
    {% for condition in to_read(source, reading[source]) %}
    select row_key from {{ log }}
    where {{ condition }}
    {{ 'union all' if not (is_last_source and loop.last) }}
    {% endfor %}
    {% endfor %}

),

known_times as (

    select
        row_key,
        count(*) as times_known
    from known_rows
    group by row_key

),

-- a row that named a deleted contact's click has lost it, and redelivery does not bring it back
unnamed_rows as (

    select distinct row_key from {{ log }}
    where is_unnamed

),

-- a row that came in twice counts as two rows
new_event_rows as (

    select
        {% for column in logged_columns() if column != 'email_click_event_id' %}
        rows_to_read.{{ column }},
        {% endfor %}
        unnamed_rows.row_key is not null as is_unnamed,
        case when unnamed_rows.row_key is null then rows_to_read.email_click_event_id end as email_click_event_id
    from rows_to_read
    left join known_times
        on rows_to_read.row_key = known_times.row_key
    left join unnamed_rows
        on rows_to_read.row_key = unnamed_rows.row_key
    where rows_to_read.row_copy > coalesce(known_times.times_known, 0)

)

{% else %}
new_event_rows as (

    select
        *,
        false as is_unnamed
    from {{ ref('event_rows') }}

)

{% endif %}
select
    {{ logged_columns() | join(',\n    ') }},
    is_unnamed
from new_event_rows
