{{ config(meta=is_check_of('contact_scores')) }}

-- contact_scores.score_30d equals active_contacts.score at 30 days if the contact is in that window, else 0.
with

contact_scores as (

    select
        score_name,
        contact_id,
        score_30d
    from {{ ref('contact_scores') }}

),

active_contacts as (

    select
        score_name,
        contact_id,
        score
    from {{ ref('active_contacts') }}
    where window_days = 30

)

select
    contact_scores.score_name,
    contact_scores.contact_id,
    contact_scores.score_30d,
    active_contacts.score
from contact_scores
full outer join active_contacts
    on
        contact_scores.score_name = active_contacts.score_name
        and contact_scores.contact_id = active_contacts.contact_id
where
    contact_scores.contact_id is null
    or contact_scores.score_30d <> coalesce(active_contacts.score, 0)
{{ unless_partly_built() }}
