with

evaluated_steps as (

    select * from {{ ref('evaluated_steps') }}
    where in_all = 1

),

evaluated_lists as (

    select * from {{ ref('evaluated_lists') }}

),

band_windows as (

    select * from {{ ref('band_windows') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}

),

scores as (

    select
        evaluated_lists.ranking_number,
        evaluated_steps.list_number,
        evaluated_lists.outcome,
        band_windows.score_number,
        band_windows.score_name,
        evaluated_lists.past_as_of,
        evaluated_steps.contact,
        evaluated_steps.y,
        evaluated_steps.cents,
        cast(evaluated_steps.cents as decimal(18, 2)) / 100 as score
    from evaluated_steps
    inner join evaluated_lists
        on evaluated_steps.list_number = evaluated_lists.list_number
    inner join band_windows
        on
            evaluated_lists.score_number = band_windows.score_number
            and band_windows.window_days between evaluated_steps.from_window and evaluated_steps.to_window

),

band_rows as (

    select
        scores.*,
        bands.band
    from scores
    left join bands
        on
            scores.score_name = bands.score_name
            and {{ is_in_band('scores.score', 'bands') }}

)

select * from band_rows
