{{ config(meta=is_check_of('contact_scores')) }}

-- A disqualified contact has score 0 in every window, no band and no rank, and its status says so.
with

disqualified as (

    select distinct contact_id from {{ ref('disqualified_contacts') }}

),

contact_scores as (

    select * from {{ ref('contact_scores') }}

)

select contact_scores.contact_id
from contact_scores
left join disqualified
    on contact_scores.contact_id = disqualified.contact_id
where
    (disqualified.contact_id is not null) <> (contact_scores.status = 'disqualified')
    or (
        disqualified.contact_id is not null
        and (
            contact_scores.band is not null
            or contact_scores.is_sales_ready
            {% for window_days in named_windows() %}
            or contact_scores.score_{{ window_days }}d <> 0
            {% endfor %}
        )
    )
