{{ config(materialized='table') }}

with

lead_grades as (

    select * from {{ ref('stg_lead_grades') }}

),

contact_standings as (

    select * from {{ ref('contact_standings') }}

),

fit_standings as (

    select * from {{ ref('fit_standings') }}

),

graded_together as (

    select distinct
        fit_score_name,
        score_name
    from lead_grades

),

both_bands as (

    select
        contact_standings.contact,
        graded_together.fit_score_name,
        fit_standings.band as fit_band,
        graded_together.score_name,
        contact_standings.band,
        contact_standings.status = 'disqualified' as is_disqualified
    from graded_together
    inner join contact_standings
        on graded_together.score_name = contact_standings.score_name
    inner join fit_standings
        on
            graded_together.fit_score_name = fit_standings.score_name
            and contact_standings.contact = fit_standings.contact

),

-- an empty band in the file is for contacts without one; a disqualified contact has no grade
contact_grades as (

    select
        both_bands.contact,
        both_bands.fit_score_name,
        both_bands.fit_band,
        both_bands.score_name,
        both_bands.band,
        lead_grades.grade,
        coalesce(lead_grades.is_sales_ready, false) as is_sales_ready
    from both_bands
    left join lead_grades
        on
            not both_bands.is_disqualified
            and both_bands.fit_score_name = lead_grades.fit_score_name
            and both_bands.score_name = lead_grades.score_name
            and coalesce(both_bands.fit_band, '') = coalesce(lead_grades.fit_band, '')
            and coalesce(both_bands.band, '') = coalesce(lead_grades.band, '')

)

select * from contact_grades
