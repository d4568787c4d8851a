{{ config(materialized='table') }}

with

disqualifications as (

    select * from {{ ref('disqualifications') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

engagement as (

    select distinct score_number from {{ ref('stg_scoring_rules') }}
    where score_name = 'engagement'

),

engagement_steps as (

    select score_steps.*
    from {{ ref('score_steps') }} as score_steps
    inner join engagement
        on score_steps.score_number = engagement.score_number
    where score_steps.to_window = 90

),

disqualified_contacts as (

    select
        present_contacts.contact_id,
        present_contacts.email_address,
        disqualifications.event_type,
        disqualifications.occurrences,
        disqualifications.disqualified_at,
        disqualifications.last_event_id,
        cast(coalesce(engagement_steps.score, 0) as decimal(18, 2)) as forfeited_score_90d,
        {{ as_of() }} as as_of
    from disqualifications
    inner join present_contacts
        on disqualifications.contact = present_contacts.contact
    left join engagement_steps
        on disqualifications.contact = engagement_steps.contact

)

select * from disqualified_contacts
