{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail') }}
{%- set reading = days_to_read(this, ref('raw_row_counts')) %}

with

{% if is_incremental() %}
rows_to_read as (

    {% for source in event_sources() %}
    select
        *,
        {{ row_key() }} as row_key
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
    select
        coalesce(row_key, {{ row_key() }}) as row_key,
        row_key is not null and not is_erased as is_unnamed,
        email_click_event_id,
        email_address
    from {{ this }}
    where {{ condition }}
    {{ 'union all' if not (is_last_source and loop.last) }}
    {% endfor %}
    {% endfor %}

),

known_times as (

    select
        row_key,
        count(*) as times_known,
        max(case when is_unnamed then 1 else 0 end) = 1 as is_unnamed,
        max(email_click_event_id) as email_click_event_id,
        max(email_address) as email_address
    from known_rows
    group by row_key

),

-- a row that came in twice is two rows
numbered as (

    select
        *,
        row_number() over (partition by row_key order by event_id) as row_copy
    from rows_to_read

),

new_rows as (

    select
        {% for column in logged_columns() if column not in ['email_click_event_id', 'email_address'] %}
        numbered.{{ column }},
        {% endfor %}
        -- what a row lost because it named a deleted contact, its redelivery does not bring back
        case when known_times.is_unnamed then known_times.email_click_event_id else numbered.email_click_event_id end
            as email_click_event_id,
        case when known_times.is_unnamed then known_times.email_address else numbered.email_address end as email_address,
        case when known_times.is_unnamed then numbered.row_key end as row_key
    from numbered
    left join known_times
        on numbered.row_key = known_times.row_key
    where numbered.row_copy > coalesce(known_times.times_known, 0)

),

logged_numbers as (

    select
        log_id,
        event_key,
        received_at,
        occurred_at
    from {{ this }}
    where event_key in (select new_rows.event_key from new_rows)

),

logged_copies as (

    select
        log_id,
        source,
        event_id,
        event_key,
        received_at,
        occurred_at,
        reject_reason,
        is_later_copy,
        was_engagement
    from {{ this }}
    where log_id in (select logged_numbers.log_id from logged_numbers)

),

-- the other columns only of those of the same times: to find a few whole rows, the engine reads all
tied_copies as (

    select * from {{ this }}
    where
        log_id in (
            select logged_numbers.log_id
            from logged_numbers
            inner join new_rows
                on
                    logged_numbers.event_key = new_rows.event_key
                    and logged_numbers.received_at = new_rows.received_at
                    and logged_numbers.occurred_at = new_rows.occurred_at
        )

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
-- not kept for its readers: of twenty million rows a copy takes longer than to read the files again
new_rows as {{ not_materialized() }} (

    select
        *,
        {{ empty_key() }} as row_key
    from {{ ref('event_rows') }}

),

logged_copies as (

    select
        *,
        0 as log_id,
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
-- ids that stand in more than one row, rejected rows included: to leave these out, all that may reject a row had to be read
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

-- only these: to rank twenty million rows of which half a million are copies takes longer than all the rest
copies as (

    select
        {{ logged_columns() | join(', ') }},
        row_key,
        0 as is_logged
    from new_rows
    where reject_reason is null and event_key in (select copied_keys.event_key from copied_keys)

    union all

    select
        {% for column in logged_columns() %}
        {{ 'logged' if column in ['source', 'event_id', 'received_at', 'occurred_at'] else 'tied' }}_copies.{{ column }},
        {% endfor %}
        tied_copies.row_key,
        1 as is_logged
    from logged_copies
    left join tied_copies
        on logged_copies.log_id = tied_copies.log_id
    where logged_copies.reject_reason is null and not logged_copies.is_later_copy

),

ranked as (

    select
        *,
        sum(is_logged) over (partition by source, event_id) as logged_copies,
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
                is_logged desc
        ) as copy_number
    from copies

),

erased_keys as (

    select distinct event_key from logged_copies
    where was_engagement

),

-- a row that is not the first of its id when it is read never will be; the copies of an erased engagement never are
with_copies as (

    select
        {{ logged_columns() | join(', ') }},
        row_key,
        false as is_later_copy,
        false as is_earlier_copy
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
        {% for column in logged_columns() %}
        ranked.{{ column }},
        {% endfor %}
        ranked.row_key,
        ranked.copy_number > 1 or erased_keys.event_key is not null as is_later_copy,
        ranked.copy_number = 1 and ranked.logged_copies > 0 as is_earlier_copy
    from ranked
    left join erased_keys
        on ranked.event_key = erased_keys.event_key
    where ranked.is_logged = 0

),

event_log as (

    select
        {{ row_numbers() }} + {{ next_log_id(this) }} as log_id,
        {% for column in logged_columns() %}
        with_copies.{{ column }},
        {% endfor %}
        with_copies.is_later_copy,
        with_copies.is_earlier_copy,
        known_actions.action_key is not null as is_known_action,
        coalesce(with_copies.received_at < logged_actions.received_at, false) as is_earlier_action,
        -- of a row that erasure has changed: what it was read as, and whether it was an engagement
        with_copies.row_key,
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
