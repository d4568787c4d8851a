with

occurred as (

    select * from {{ ref('past_failures') }}

),

last_clears as (

    select * from {{ ref('past_clears') }}

),

past_as_ofs as (

    select * from {{ ref('past_as_ofs') }}

),

-- a clearing event clears only strictly earlier ones
failures as (

    select distinct
        past_as_ofs.past_as_of,
        occurred.contact,
        occurred.event_type,
        occurred.min_occurrences,
        occurred.source,
        occurred.actor_key,
        occurred.failure_key
    from occurred
    inner join past_as_ofs
        on {{ holds_at('past_as_ofs.past_day', 'occurred') }}
    left join last_clears
        on
            past_as_ofs.past_day = last_clears.past_day
            and occurred.contact = last_clears.contact
            and occurred.event_type = last_clears.event_type
    where
        occurred.occurrences_ever >= occurred.min_occurrences
        and (last_clears.cleared_at is null or occurred.occurred_at >= last_clears.cleared_at)

),

disqualified as (

    select
        past_as_of,
        contact,
        event_type
    from failures
    group by past_as_of, contact, event_type, min_occurrences
    having count(*) >= min_occurrences

),

past_disqualifications as (

    select distinct
        past_as_of,
        contact
    from disqualified

)

select * from past_disqualifications
