with

fit_standings as (

    select * from {{ ref('fit_standings') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

fit_scores as (

    select
        fit_standings.score_name,
        present_contacts.contact_id,
        fit_standings.score,
        fit_standings.band,
        {{ as_of() }} as as_of
    from fit_standings
    inner join present_contacts
        on fit_standings.contact = present_contacts.contact

)

select * from fit_scores
