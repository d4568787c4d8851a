{{ config(meta=is_check_of('fit_scores')) }}

-- The fit drivers of a contact that is not disqualified add up to its fit score, and the disqualified have none.
with

fit_scores as (

    select * from {{ ref('fit_scores') }}

),

sums as (

    select
        score_name,
        contact_id,
        sum(case when not is_disqualified then points else 0 end) as points
    from {{ ref('fit_drivers') }}
    group by score_name, contact_id

)

select
    fit_scores.score_name,
    fit_scores.contact_id,
    fit_scores.score,
    sums.points
from fit_scores
left join sums
    on
        fit_scores.score_name = sums.score_name
        and fit_scores.contact_id = sums.contact_id
where fit_scores.score <> coalesce(sums.points, 0)
{{ unless_partly_built() }}
