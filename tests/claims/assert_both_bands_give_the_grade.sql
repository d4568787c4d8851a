{{ config(meta=is_check_of('contact_lead_grades')) }}

-- Every contact has a row for every pair of scores that is graded, with the grade of its two bands. The disqualified
-- have neither a band nor a grade.
with

lead_grades as (

    select * from {{ ref('stg_lead_grades') }}

),

graded as (

    select distinct
        fit_score_name,
        score_name
    from lead_grades

),

expected as (

    select
        contact_scores.contact_id,
        graded.fit_score_name,
        graded.score_name,
        fit_scores.band as fit_band,
        contact_scores.band,
        contact_scores.status = 'disqualified' as is_disqualified
    from graded
    inner join {{ ref('contact_scores') }} as contact_scores
        on graded.score_name = contact_scores.score_name
    inner join {{ ref('fit_scores') }} as fit_scores
        on
            graded.fit_score_name = fit_scores.score_name
            and contact_scores.contact_id = fit_scores.contact_id

),

with_grades as (

    select
        expected.*,
        lead_grades.grade,
        coalesce(lead_grades.is_sales_ready, false) as is_sales_ready
    from expected
    left join lead_grades
        on
            expected.fit_score_name = lead_grades.fit_score_name
            and expected.score_name = lead_grades.score_name
            and expected.fit_band is not distinct from lead_grades.fit_band
            and expected.band is not distinct from lead_grades.band
            and not expected.is_disqualified

)

select with_grades.*
from with_grades
left join {{ ref('contact_lead_grades') }} as found
    on
        with_grades.contact_id = found.contact_id
        and with_grades.fit_score_name = found.fit_score_name
        and with_grades.score_name = found.score_name
where
    found.contact_id is null
    or with_grades.grade is distinct from found.grade
    or with_grades.is_sales_ready <> found.is_sales_ready
    or (with_grades.is_disqualified and coalesce(found.fit_band, found.band, found.grade) is not null)
{{ unless_partly_built() }}
