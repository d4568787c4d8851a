{{ config(materialized='table', post_hook="{{ replace_erased_rows(this) }}") }}

with

-- not materialized: each CTE that reads it needs only a few columns or rows
event_log as {{ not_materialized() }} (

    select * from {{ ref('event_log') }}

),

superseded_copies as (

    select * from {{ ref('superseded_copies') }}

),

erased_actors as (

    select * from {{ ref('erased_actors') }}

),

typed_owners as (

    select * from {{ ref('address_owners') }}

),

own_rows as (

    select
        event_log.row_key,
        event_log.received_at,
        event_log.source,
        event_log.event_key,
        event_log.is_later_copy,
        event_log.reject_reason is null
        and not event_log.is_later_copy
        and superseded_copies.row_key is null as is_engagement
    from event_log
    left join typed_owners
        on event_log.typed_key = typed_owners.actor_key
    inner join erased_actors
        on coalesce(typed_owners.actor_key, event_log.actor_key) = erased_actors.actor_key
    left join superseded_copies
        on {{ is_same_row('event_log', 'superseded_copies') }}

),

erased_emails as (

    select event_key from own_rows
    where source = 'email_events' and is_engagement

    union

    select event_key from event_log
    where is_erased and source = 'email_events' and was_engagement

),

-- other people's rows that name a click of a deleted contact
naming_rows as (

    select
        event_log.row_key,
        event_log.event_key,
        event_log.received_at,
        event_log.is_later_copy
    from event_log
    inner join erased_emails
        on {{ lookup_key(["'email_events'", 'event_log.email_click_event_id']) }} = erased_emails.event_key
    where event_log.email_click_event_id is not null

),

-- found by narrow columns first, then read whole by key and time, because nearly all rows are in neither group
found_rows as (

    select distinct
        row_key,
        event_key,
        received_at,
        is_later_copy,
        true as is_own,
        is_engagement
    from own_rows

    union all

    select distinct
        naming_rows.row_key,
        naming_rows.event_key,
        naming_rows.received_at,
        naming_rows.is_later_copy,
        false as is_own,
        false as is_engagement
    from naming_rows
    left join own_rows
        on {{ is_same_row('naming_rows', 'own_rows') }}
    where own_rows.row_key is null

),

-- a deleted contact's row keeps keys, to recognise it when read again; a row that names its click loses that
erased_rows as (

    select
        {{ erased_columns() }}
    from event_log
    inner join found_rows
        on
            {{ is_same_row('event_log', 'found_rows') }}
            and event_log.is_later_copy = found_rows.is_later_copy
            and event_log.received_at is not distinct from found_rows.received_at
    where not event_log.is_erased

)

select * from erased_rows
