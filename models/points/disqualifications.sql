{{ config(materialized='table') }}

with

engagements as (

    select * from {{ ref('engagements') }}

),

actors as (

    select * from {{ ref('actors') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

disqualification_rules as (

    select * from {{ ref('stg_disqualification_rules') }}

),

-- `union`: a rule may be cleared by its own event type
rules as (

    select
        *,
        event_type as looked_at_type
    from disqualification_rules

    union

    select
        *,
        cleared_by as looked_at_type
    from disqualification_rules
    where cleared_by is not null

),

-- every event that disqualifies or clears, under each rule that looks at it
rule_events as (

    select
        actors.contact_id,
        rules.event_type,
        rules.min_occurrences,
        engagements.event_id,
        engagements.source,
        engagements.occurred_at,
        engagements.event_type = rules.event_type as is_disqualifying,
        coalesce(engagements.event_type = rules.cleared_by and engagements.machine_reason is null, false) as is_clearing
    from engagements
    inner join rules
        on engagements.event_type = rules.looked_at_type
    inner join actors
        on
            engagements.actor_type = actors.actor_type
            and engagements.actor = actors.actor
    inner join present_contacts
        on actors.contact_id = present_contacts.contact_id
    where
        engagements.occurred_at < {{ as_of() }}
        and (
            rules.applies_to = 'contact'
            or (engagements.actor_type = 'email' and engagements.actor = present_contacts.email_address)
        )

),

with_last_clear as (

    select
        *,
        max(case when is_clearing then occurred_at end) over (
            partition by contact_id, event_type
        ) as cleared_at
    from rule_events

),

standing as (

    select
        *,
        row_number() over (
            partition by contact_id, event_type
            order by occurred_at, event_id, source
        ) as occurrence,
        count(*) over (partition by contact_id, event_type) as occurrences
    from with_last_clear
    -- a clearing event clears what is strictly earlier
    where is_disqualifying and (cleared_at is null or occurred_at >= cleared_at)

),

disqualifications as (

    select
        contact_id,
        event_type,
        max(occurrences) as occurrences,
        max(case when occurrence = min_occurrences then occurred_at end) as disqualified_at,
        max(case when occurrence = occurrences then event_id end) as last_event_id
    from standing
    where occurrences >= min_occurrences
    group by contact_id, event_type

)

select * from disqualifications
