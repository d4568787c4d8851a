{{ config(meta=is_check_of('contact_scores')) }}

-- The band is the highest whose min_score is reached in the band window. It decides whether sales should call.
with

standings as (

    select
        contact,
        score_number,
        score_name,
        band,
        is_sales_ready
    from {{ ref('contact_standings') }}
    where status <> 'disqualified'

),

bands as (

    select * from {{ ref('stg_score_bands') }}

),

band_windows as (

    select distinct
        score_name,
        window_days
    from bands

),

score_steps as (

    select
        contact,
        score_number,
        from_window,
        to_window,
        score
    from {{ ref('score_steps') }}

),

band_scores as (

    select
        standings.contact,
        standings.score_name,
        standings.band,
        standings.is_sales_ready,
        coalesce(score_steps.score, 0) as band_score
    from standings
    inner join band_windows
        on standings.score_name = band_windows.score_name
    left join score_steps
        on
            standings.score_number = score_steps.score_number
            and standings.contact = score_steps.contact
            and band_windows.window_days between score_steps.from_window and score_steps.to_window

),

highest as (

    select
        band_scores.score_name,
        band_scores.contact,
        max(bands.min_score) as min_score
    from band_scores
    inner join bands
        on
            band_scores.score_name = bands.score_name
            and band_scores.band_score >= bands.min_score
    group by band_scores.score_name, band_scores.contact

)

select band_scores.*
from band_scores
left join highest
    on
        band_scores.score_name = highest.score_name
        and band_scores.contact = highest.contact
left join bands
    on
        highest.score_name = bands.score_name
        and highest.min_score = bands.min_score
where
    band_scores.band is distinct from bands.band
    or band_scores.is_sales_ready <> coalesce(bands.is_sales_ready, false)
{{ unless_partly_built() }}
