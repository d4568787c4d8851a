{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    post_hook="{{ empty_new_event_rows() }}",
) }}

with

-- not materialized in a first build: copying twenty million rows takes longer than reading the files again
new_rows as {{ not_materialized() if not is_incremental() }} (

    select * from {{ ref('new_event_rows') }}

),

{% if is_incremental() %}
logged_keys as (

    select
        event_key,
        row_key,
        received_at,
        occurred_at
    from {{ this }}
    where event_key in (select new_rows.event_key from new_rows)

),

-- join on the time too, so that the engine can skip parts of the log
logged_copies as (

    select
        {% for column in columns_of_copies() %}
        event_log.{{ column }},
        {% endfor %}
        event_log.reject_reason,
        event_log.is_later_copy,
        event_log.was_engagement
    from {{ this }} as event_log
    inner join (select distinct row_key, received_at from logged_keys) as found
        on event_log.row_key = found.row_key and event_log.received_at = found.received_at

),

-- other columns only where the times are equal: to fetch a few whole rows, the engine would read all rows
tied_copies as (

    select distinct event_log.*
    from {{ this }} as event_log
    inner join (
        select distinct
            logged_keys.row_key,
            logged_keys.received_at
        from logged_keys
        inner join new_rows
            on
                logged_keys.event_key = new_rows.event_key
                and logged_keys.received_at = new_rows.received_at
                and logged_keys.occurred_at = new_rows.occurred_at
    ) as found
        on event_log.row_key = found.row_key and event_log.received_at = found.received_at

),

logged_actions as (

    select
        action_key,
        max(received_at) as received_at
    from {{ this }}
    where action_key in (select new_rows.action_key from new_rows)
    group by action_key

),

{% else %}
logged_copies as (

    select
        *,
        false as is_later_copy,
        false as was_engagement
    from new_rows
    where false

),

tied_copies as (

    select * from logged_copies

),

logged_actions as (

    select
        action_key,
        received_at
    from new_rows
    where false

),

{% endif %}
-- ids in more than one row, rejected rows included: to exclude those, every column would have to be read
copied_keys as (

    select event_key from new_rows
    group by event_key
    having count(*) > 1

    union

    select event_key from logged_copies

),

known_actions as (

    select action_key from new_rows
    where action_key is not null
    group by action_key
    having count(*) > 1

    union

    select action_key from logged_actions

),

-- only copies: ranking twenty million rows, half a million of them copies, takes longer than all the rest
copies as (

    select
        {{ logged_columns() | join(', ') }},
        is_unnamed,
        0 as is_logged
    from new_rows
    where reject_reason is null and event_key in (select copied_keys.event_key from copied_keys)

    union all

    select
        {% for column in logged_columns() %}
        {{ 'logged' if column in columns_of_copies() else 'tied' }}_copies.{{ column }},
        {% endfor %}
        false as is_unnamed,
        1 as is_logged
    from logged_copies
    left join tied_copies
        on logged_copies.row_key = tied_copies.row_key
    where logged_copies.reject_reason is null and not logged_copies.is_later_copy

),

ranked as (

    select
        *,
        sum(is_logged) over (partition by source, event_id) as logged_copies,
        min(actor_key) over (partition by source, event_id) <> max(actor_key) over (partition by source, event_id)
        or min(event_type) over (partition by source, event_id) <> max(event_type) over (partition by source, event_id)
            as is_conflicting,
        row_number() over (
            partition by source, event_id
            order by {{ order_of_copies() }}, is_logged desc
        ) as copy_number
    from copies

),

erased_keys as (

    select distinct event_key from logged_copies
    where was_engagement

),

-- a row that is not the first of its id when read never becomes it, nor does a copy of an erased engagement
with_copies as (

    select
        {{ logged_columns() | join(', ') }},
        is_unnamed,
        false as is_later_copy,
        false as is_earlier_copy,
        false as is_conflicting
    from new_rows
    where
        reject_reason is not null
        -- not `not in`: if a key can be null, an engine may look up each one row by row
        or not exists (
            select 1 from copied_keys
            where new_rows.event_key = copied_keys.event_key
        )

    union all

    select
        {% for column in logged_columns() %}
        ranked.{{ column }},
        {% endfor %}
        ranked.is_unnamed,
        ranked.copy_number > 1 or erased_keys.event_key is not null as is_later_copy,
        ranked.copy_number = 1 and ranked.logged_copies > 0 as is_earlier_copy,
        ranked.is_conflicting
    from ranked
    left join erased_keys
        on ranked.event_key = erased_keys.event_key
    where ranked.is_logged = 0

),

event_log as (

    select
        {% for column in logged_columns() %}
        with_copies.{{ column }},
        {% endfor %}
        with_copies.is_later_copy,
        with_copies.is_earlier_copy,
        with_copies.is_conflicting,
        known_actions.action_key is not null as is_known_action,
        coalesce(with_copies.received_at < logged_actions.received_at, false) as is_earlier_action,
        -- columns that erasure sets
        with_copies.is_unnamed,
        false as is_erased,
        false as was_engagement,
        '{{ read_under() }}' as read_under
    from with_copies
    left join known_actions
        on with_copies.action_key = known_actions.action_key
    left join logged_actions
        on with_copies.action_key = logged_actions.action_key

)

select * from event_log
