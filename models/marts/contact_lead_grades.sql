-- dbt knows the file lead_grades.csv by that name already
{{ config(alias='lead_grades') }}

with

contact_grades as (

    select * from {{ ref('contact_grades') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

lead_grades as (

    select
        present_contacts.contact_id,
        contact_grades.fit_score_name,
        contact_grades.fit_band,
        contact_grades.score_name,
        contact_grades.band,
        contact_grades.grade,
        contact_grades.is_sales_ready,
        {{ as_of() }} as as_of
    from contact_grades
    inner join present_contacts
        on contact_grades.contact = present_contacts.contact

)

select * from lead_grades
