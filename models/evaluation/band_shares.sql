with

band_rows as (

    select * from {{ ref('band_rows') }}

),

score_bands as (

    select * from {{ ref('stg_score_bands') }}

),

-- null: below all bands
bands as (

    select
        score_name,
        band
    from score_bands

    union

    select
        score_name,
        {{ no_text() }} as band
    from band_rows

),

past_as_ofs as (

    select
        outcome,
        score_name,
        past_as_of,
        cast(count(*) as double precision) as panel_rows,
        avg(cast(y as double precision)) as rate
    from band_rows
    group by outcome, score_name, past_as_of

),

rows_in_bands as (

    select
        outcome,
        score_name,
        past_as_of,
        coalesce(band, '') as band,
        count(*) as panel_rows
    from band_rows
    group by outcome, score_name, past_as_of, coalesce(band, '')

),

band_shares as (

    select
        past_as_ofs.outcome,
        past_as_ofs.score_name,
        past_as_ofs.past_as_of,
        past_as_ofs.rate,
        bands.band,
        coalesce(rows_in_bands.panel_rows, 0) / past_as_ofs.panel_rows as share_of_rows
    from past_as_ofs
    inner join bands
        on past_as_ofs.score_name = bands.score_name
    left join rows_in_bands
        on
            past_as_ofs.outcome = rows_in_bands.outcome
            and past_as_ofs.score_name = rows_in_bands.score_name
            and past_as_ofs.past_as_of = rows_in_bands.past_as_of
            and coalesce(bands.band, '') = rows_in_bands.band

)

select * from band_shares
