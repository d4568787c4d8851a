{{ config(schema='marts') }}

with

band_figures as (

    select * from {{ ref('band_figures') }}
    where panel = 'by_rules'

),

not_handed_off as (

    select * from {{ ref('band_figures') }}
    where panel = 'not_handed_off'

),

band_performance as (

    select
        band_figures.outcome,
        band_figures.score_name,
        band_figures.band,
        band_figures.panel_rows as {{ adapter.quote('rows') }},
        band_figures.contacts,
        band_figures.contacts_with_outcome,
        band_figures.outcomes,
        band_figures.rate,
        band_figures.rate_low,
        band_figures.rate_high,
        band_figures.expected,
        band_figures.lift,
        band_figures.lift_se,
        not_handed_off.lift as lift_not_handed_off,
        not_handed_off.lift_se as lift_not_handed_off_se,
        band_figures.share_of_outcomes,
        band_figures.rate_last_quarter,
        {{ as_of() }} as as_of
    from band_figures
    inner join not_handed_off
        on
            band_figures.outcome = not_handed_off.outcome
            and band_figures.score_name = not_handed_off.score_name
            and coalesce(band_figures.band, '') = coalesce(not_handed_off.band, '')

)

select * from band_performance
