with

band_rows as (

    select * from {{ ref('band_rows') }}

),

evaluated_contacts as (

    select * from {{ ref('evaluated_contacts') }}

),

outcome_as_ofs as (

    select * from {{ ref('outcome_as_ofs') }}

),

enough_outcomes as (

    select * from {{ ref('evaluated_counts') }}
    where population = 'all' and has_figures

),

what_if_rows as (

    select
        band_rows.ranking_number,
        band_rows.list_number,
        band_rows.outcome,
        band_rows.score_number,
        band_rows.past_as_of,
        band_rows.contact,
        evaluated_contacts.fold,
        {{ is_for_choosing('outcome_as_ofs.as_of_number') }} as is_for_choosing,
        band_rows.y,
        band_rows.cents
    from band_rows
    inner join evaluated_contacts
        on band_rows.contact = evaluated_contacts.contact
    inner join outcome_as_ofs
        on band_rows.outcome = outcome_as_ofs.outcome and band_rows.past_as_of = outcome_as_ofs.past_as_of
    inner join enough_outcomes
        on band_rows.ranking_number = enough_outcomes.ranking_number

)

select * from what_if_rows
