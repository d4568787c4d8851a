{{ config(meta=is_check_of('contact_list_scores')) }}

-- On a list, a disqualified contact has score 0 in every window and no rank. Everybody else has a rank.
with

disqualified as (

    select distinct contact_id from {{ ref('disqualified_contacts') }}

),

contact_list_scores as (

    select * from {{ ref('contact_list_scores') }}

)

select
    contact_list_scores.list_id,
    contact_list_scores.contact_id,
    contact_list_scores.window_days
from contact_list_scores
left join disqualified
    on contact_list_scores.contact_id = disqualified.contact_id
where
    (disqualified.contact_id is not null) <> contact_list_scores.is_disqualified
    or (contact_list_scores.score_rank is null) <> contact_list_scores.is_disqualified
    or (contact_list_scores.is_disqualified and contact_list_scores.score <> 0)
