{{ config(meta=is_check_of('contact_scores')) }}

-- The band is the highest whose min_score the score in the band window reaches, and says whether sales should call.
with

contact_scores as (

    select * from {{ ref('contact_scores') }}

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

    select * from {{ ref('score_steps') }}

),

band_scores as (

    select
        contact_scores.score_name,
        contact_scores.contact_id,
        contact_scores.band,
        contact_scores.is_sales_ready,
        coalesce(score_steps.score, 0) as band_score
    from contact_scores
    inner join band_windows
        on contact_scores.score_name = band_windows.score_name
    left join score_steps
        on
            contact_scores.score_name = score_steps.score_name
            and contact_scores.contact_id = score_steps.contact_id
            and band_windows.window_days between score_steps.from_window and score_steps.to_window
    where contact_scores.status <> 'disqualified'

),

highest as (

    select
        band_scores.score_name,
        band_scores.contact_id,
        max(bands.min_score) as min_score
    from band_scores
    inner join bands
        on
            band_scores.score_name = bands.score_name
            and band_scores.band_score >= bands.min_score
    group by band_scores.score_name, band_scores.contact_id

)

select band_scores.*
from band_scores
left join highest
    on
        band_scores.score_name = highest.score_name
        and band_scores.contact_id = highest.contact_id
left join bands
    on
        highest.score_name = bands.score_name
        and highest.min_score = bands.min_score
where
    band_scores.band is distinct from bands.band
    or band_scores.is_sales_ready <> coalesce(bands.is_sales_ready, false)
