{{ config(materialized='table') }}
{%- set last_build = last_build() %}

with

new_rows as (

    select * from {{ ref('read_events') }}
    where {{ is_new(last_build) if last_build else 'false' }}

),

new_engagements as (

    select * from new_rows
    where outcome = 'engagement'

),

new_messages as (

    select message_key from new_rows
    where message_key is not null

),

known_messages as (

    select
        message_key,
        period_start
    from {{ ref('read_events') }}
    where message_key in (select new_messages.message_key from new_messages)

),

-- a new row, or one that turned into a duplicate, may make or unmake a burst or a repeat of its message
of_the_same_messages as (

    select read_events.*
    from {{ ref('read_events') }} as read_events
    where
        read_events.outcome = 'engagement'
        and not ({{ is_new(last_build) if last_build else 'true' }})
        -- by period, which leaves out most of the table, whose every column is wanted of a few rows
        and read_events.period_start in (select known_messages.period_start from known_messages)
        and read_events.message_key in (select known_messages.message_key from known_messages)

),

touched_engagements as (

    select * from new_engagements
    union all
    select * from of_the_same_messages

)

select
    {{ marked_by_columns() | join(',\n    ') }}
from touched_engagements
