{{ config(materialized='table') }}

with

contact_standings as (

    select * from {{ ref('contact_standings') }}

),

contact_grades as (

    select * from {{ ref('contact_grades') }}

),

lead_grades as (

    select * from {{ ref('stg_lead_grades') }}

),

by_band as (

    select
        contact,
        score_name,
        {{ no_text() }} as grade
    from contact_standings
    where is_sales_ready and score_name not in (select lead_grades.score_name from lead_grades)

),

-- a score that is graded with several fit scores is ready by any of them
by_grade as (

    select
        contact,
        score_name,
        min(grade) as grade
    from contact_grades
    where is_sales_ready
    group by contact, score_name

),

sales_ready as (

    select * from by_band
    union all
    select * from by_grade

)

select * from sales_ready
