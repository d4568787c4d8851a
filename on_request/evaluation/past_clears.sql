with

engagements as (

    select * from {{ ref('past_engagements') }}

),

occurred as (

    select * from {{ ref('past_failures') }}

),

doubtful_clicks as (

    select * from {{ ref('doubtful_clicks') }}

),

past_as_ofs as (

    select * from {{ ref('past_as_ofs') }}

),

-- the few contacts for whom clearing matters
clearable as (

    select distinct
        contact,
        event_type,
        applies_to,
        address_key,
        cleared_by
    from occurred
    where cleared_by is not null and occurrences_ever >= min_occurrences

),

clearing as (

    select
        clearable.contact,
        clearable.event_type,
        engagements.occurred_at,
        greatest(engagements.after_day, doubtful_clicks.after_day) as after_day,
        least(engagements.until_day, doubtful_clicks.until_day) as until_day
    from engagements
    inner join clearable
        on
            engagements.contact = clearable.contact
            and position(' ' || engagements.event_type || ' ' in ' ' || clearable.cleared_by || ' ') > 0
            and (clearable.applies_to = 'contact' or {{ is_of_address('engagements', 'clearable') }})
    left join doubtful_clicks
        on {{ is_same_row('engagements', 'doubtful_clicks') }}
    where not engagements.is_machine

),

past_clears as (

    select
        past_as_ofs.past_day,
        clearing.contact,
        clearing.event_type,
        max(clearing.occurred_at) as cleared_at
    from clearing
    inner join past_as_ofs
        on {{ holds_at('past_as_ofs.past_day', 'clearing') }}
    group by past_as_ofs.past_day, clearing.contact, clearing.event_type

)

select * from past_clears
