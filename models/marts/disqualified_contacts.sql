{{ config(materialized='table') }}

with

disqualifications as (

    select * from {{ ref('disqualifications') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

engagement_scores as (

    select * from {{ ref('scores_by_window') }}
    where score_name = 'engagement'

),

disqualified_contacts as (

    select
        disqualifications.contact_id,
        present_contacts.email_address,
        disqualifications.event_type,
        disqualifications.occurrences,
        disqualifications.disqualified_at,
        disqualifications.last_event_id,
        coalesce(engagement_scores.score_90d, 0) as forfeited_score_90d,
        {{ as_of() }} as as_of
    from disqualifications
    inner join present_contacts
        on disqualifications.contact_id = present_contacts.contact_id
    left join engagement_scores
        on disqualifications.contact_id = engagement_scores.contact_id

)

select * from disqualified_contacts
