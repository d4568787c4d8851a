with

engagements as (

    select * from {{ ref('past_engagements') }}

),

rules as (

    select * from {{ ref('stg_disqualification_rules') }}

),

evaluated_contacts as (

    select * from {{ ref('evaluated_contacts') }}

),

doubtful_clicks as (

    select * from {{ ref('doubtful_clicks') }}

),

past_as_ofs as (

    select * from {{ ref('past_as_ofs') }}

),

-- retries of one message are one failure; without a message each event is one
occurred as (

    select
        engagements.contact,
        engagements.event_type,
        engagements.source,
        engagements.actor_key,
        coalesce(engagements.action_key, engagements.event_key) as failure_key,
        engagements.occurred_at,
        engagements.after_day,
        engagements.until_day,
        evaluated_contacts.address_key,
        rules.applies_to,
        rules.cleared_by,
        rules.min_occurrences,
        count(*) over (partition by engagements.contact, engagements.event_type) as occurrences_ever
    from engagements
    inner join rules
        on engagements.event_type = rules.event_type
    inner join evaluated_contacts
        on engagements.contact = evaluated_contacts.contact
    where rules.applies_to = 'contact' or engagements.actor_key = evaluated_contacts.address_key

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
            and (clearable.applies_to = 'contact' or engagements.actor_key = clearable.address_key)
    left join doubtful_clicks
        on {{ is_same_row('engagements', 'doubtful_clicks') }}
    where not engagements.is_machine

),

last_clears as (

    select
        past_as_ofs.past_day,
        clearing.contact,
        clearing.event_type,
        max(clearing.occurred_at) as cleared_at
    from clearing
    inner join past_as_ofs
        on {{ holds_at('past_as_ofs.past_day', 'clearing') }}
    group by past_as_ofs.past_day, clearing.contact, clearing.event_type

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
