{{ config(schema='marts') }}

with

band_figures as (

    select * from {{ ref('band_figures') }}
    where panel = 'as_said'

),

said_performance as (

    select
        outcome,
        score_name,
        band,
        panel_rows as {{ adapter.quote('rows') }},
        contacts,
        contacts_with_outcome,
        outcomes,
        rate,
        rate_low,
        rate_high,
        expected,
        lift,
        lift_se,
        share_of_outcomes,
        rate_last_quarter,
        {{ as_of() }} as as_of
    from band_figures

)

select * from said_performance
