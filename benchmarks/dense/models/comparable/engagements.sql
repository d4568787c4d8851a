{{ config(materialized='incremental') }}

-- Each open, click and page view once, over all history: the first copy of an id, the first open or
-- click of a message. A run reads the rows that came in after the last one it knows.

with

email_events as (

    select
        event_id,
        event_type,
        email_address as actor,
        message_id,
        link_url,
        occurred_at,
        received_at
    from read_parquet('{{ var("raw_files") }}/email_events/*.parquet')
    where event_type in ('email_open', 'email_click') and not is_machine

),

web_events as (

    select
        event_id,
        event_type,
        visitor_id as actor,
        null as message_id,
        null as link_url,
        occurred_at,
        received_at
    from read_parquet('{{ var("raw_files") }}/web_events/*.parquet')
    where event_type = 'page_view'

),

united as (

    select * from email_events
    union all
    select * from web_events

),

first_copies as (

    select *
    from united
    {% if is_incremental() %}
        anti join {{ this }} as known on united.event_id = known.event_id
        where received_at > (select max(received_at) from {{ this }})
    {% endif %}
    qualify row_number() over (partition by event_id order by received_at) = 1

),

-- a page view has no message and repeats nothing
first_of_their_kind as (

    select *
    from first_copies
    qualify
        message_id is null
        or row_number() over (
            partition by actor, event_type, message_id, link_url
            order by received_at, event_id
        ) = 1

)

select new.*
from first_of_their_kind as new
{% if is_incremental() %}
    anti join {{ this }} as known
        on
            new.actor = known.actor
            and new.event_type = known.event_type
            and new.message_id = known.message_id
            and new.link_url is not distinct from known.link_url
{% endif %}
