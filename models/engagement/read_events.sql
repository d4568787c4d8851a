{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    post_hook=["{{ settle_first_copies(this) }}", "{{ read_late_copies(this) }}"],
) }}
{%- set last_build = last_build() %}
-- to a first build all rows are new; where new_event_rows is a table, to copy them would take a quarter as long as this
{%- set rows_to_read = ref('new_event_rows') if last_build else ref('event_rows') %}
-- depends_on: {{ ref('new_event_rows') }} {{ ref('event_rows') }}

with

-- an engine may keep a copy of what is read thrice, which of twenty million rows takes longer than to read the files
new_rows as {{ not_materialized() if not last_build }} (

    select
        *,
        {{ lookup_key(['source', 'event_id']) }} as event_key
    from {{ rows_to_read }}

),

{% if last_build %}
known_keys as (

    select
        event_key,
        period_start
    from {{ this }}
    where outcome = 'engagement' and event_key in (select new_rows.event_key from new_rows)

),

{% endif %}
known_copies as (

    {% if last_build %}
    -- by period, which leaves out most of the table, whose every column is wanted of a few rows
    select * from {{ this }}
    where
        outcome = 'engagement'
        and period_start in (select known_keys.period_start from known_keys)
        and event_key in (select known_keys.event_key from known_keys)
    {% else %}
    select
        *,
        {{ lookup_key(['source', 'event_id']) }} as event_key
    from {{ rows_to_read }}
    where false
    {% endif %}

),

erased_events as (

    {% if last_build %}
    select * from {{ built_before('erased_events') }}
    where event_key is not null
    {% else %}
    select event_key from known_copies
    where false
    {% endif %}

),

copied_keys as (

    -- rejected rows too, or all that may reject a row would have to be read for it
    select event_key from new_rows
    group by event_key
    having count(*) > 1

    union

    select event_key from known_copies

    union

    select event_key from erased_events

),

-- only these: to rank twenty million rows of which half a million are copies takes longer than all the rest
copies as (

    select
        {{ read_event_columns() | join(', ') }},
        event_key,
        true as is_new
    from new_rows
    where reject_reason is null and event_key in (select copied_keys.event_key from copied_keys)

    union all

    select
        {{ read_event_columns() | join(', ') }},
        event_key,
        false as is_new
    from known_copies

),

ranked as (

    select
        *,
        row_number() over (
            partition by source, event_id
            order by
                received_at,
                occurred_at,
                event_type,
                actor,
                {% for column in optional_event_columns() %}
                {{ column }} nulls last,
                {% endfor %}
                is_flagged_machine,
                is_new
        ) as copy_number
    from copies

),

with_outcomes as (

    select
        {{ read_event_columns() | join(', ') }},
        event_key,
        case when reject_reason is null then 'engagement' else 'rejected' end as outcome
    from new_rows
    where
        reject_reason is not null
        -- not `not in`: where a key might be null, an engine may look each one up row by row
        or not exists (
            select 1 from copied_keys
            where new_rows.event_key = copied_keys.event_key
        )

    union all

    select
        {{ read_event_columns() | join(', ') }},
        event_key,
        case
            when copy_number > 1 or event_key in (select erased_events.event_key from erased_events) then 'duplicate'
            else 'engagement'
        end as outcome
    from ranked
    where is_new

),

read_events as (

    select
        *,
        {{ derived_event_columns() }},
        {{ build_number(this, last_build) }} as build_number
    from with_outcomes

)

select * from read_events
