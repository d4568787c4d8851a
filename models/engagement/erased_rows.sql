{{ config(materialized='table', post_hook="{{ replace_erased_rows(this) }}") }}

with

event_log as (

    select * from {{ ref('event_log') }}

),

superseded_copies as (

    select * from {{ ref('superseded_copies') }}

),

erased_actors as (

    select * from {{ ref('erased_actors') }}

),

own_rows as (

    select
        event_log.*,
        event_log.reject_reason is null and not event_log.is_later_copy and superseded_copies.log_id is null as is_engagement
    from event_log
    inner join erased_actors
        on event_log.actor_key = erased_actors.actor_key
    left join superseded_copies
        on event_log.log_id = superseded_copies.log_id

),

erased_emails as (

    select event_key from own_rows
    where source = 'email_events' and is_engagement

    union

    select event_key from event_log
    where is_erased and source = 'email_events' and was_engagement

),

-- other people's rows that name an address or a click of theirs
naming_rows as (

    select
        event_log.*,
        erased_emails.event_key is not null as names_click,
        erased_addresses.actor_key is not null as names_address
    from event_log
    left join erased_emails
        on {{ lookup_key(["'email_events'", 'event_log.email_click_event_id']) }} = erased_emails.event_key
    left join (select actor_key from erased_actors where actor_type = 'email') as erased_addresses
        on {{ lookup_key(["'email'", 'event_log.email_address']) }} = erased_addresses.actor_key
    where event_log.email_click_event_id is not null or event_log.email_address is not null

),

-- a row of theirs leaves keys, so that it is known when it is read again; one that names them loses what it says of them
erased_rows as (

    select
        {{ erased_columns() }}
    from own_rows

    union all

    select
        {{ unnamed_columns() }}
    from naming_rows
    where
        (names_click or names_address)
        and not exists (
            select 1 from own_rows
            where naming_rows.log_id = own_rows.log_id
        )

)

select * from erased_rows
