{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    post_hook=["{{ forget_erased_rows() }}", "{{ note_erased_rows_that_are_gone(this) }}"],
) }}
{%- set last_build = last_build() %}
-- depends_on: {{ ref('event_marks') }} {{ ref('present_contacts') }}

with

erased_actors as (

    select * from {{ ref('erased_actors') }}

),

newly_erased_actors as (

    select * from erased_actors
    where {{ is_new(last_build) }}

),

new_rows as (

    select read_events.*
    from {{ ref('read_events') }} as read_events
    inner join erased_actors
        on {{ lookup_key(['read_events.actor_type', 'read_events.actor']) }} = erased_actors.actor_key
    where {{ is_new(last_build, 'read_events') }}

),

-- of those who were deleted before, no old row is left
old_rows as (

    select read_events.*
    from {{ ref('read_events') }} as read_events
    inner join newly_erased_actors
        on {{ lookup_key(['read_events.actor_type', 'read_events.actor']) }} = newly_erased_actors.actor_key
    where not ({{ is_new(last_build, 'read_events') }})

),

erased_rows as (

    select * from new_rows
    union all
    select * from old_rows

),

erased_events as (

    select
        source,
        {{ row_key() }} as row_key,
        case when outcome = 'engagement' then event_key end as event_key,
        received_at,
        has_received_at,
        true as is_in_raw_table,
        {{ build_number(this, last_build) }} as build_number
    from erased_rows

)

select * from erased_events
