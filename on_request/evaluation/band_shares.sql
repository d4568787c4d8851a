with

banded_rows as (

    select * from {{ ref('banded_rows') }}

),

evaluated_bands as (

    select * from {{ ref('evaluated_bands') }}

),

past_as_ofs as (

    select
        panel,
        outcome,
        score_name,
        past_as_of,
        cast(count(*) as {{ type_double() }}) as panel_rows,
        avg(cast(y as {{ type_double() }})) as rate
    from banded_rows
    group by panel, outcome, score_name, past_as_of

),

rows_in_bands as (

    select
        panel,
        outcome,
        score_name,
        past_as_of,
        coalesce(band, '') as band,
        count(*) as panel_rows
    from banded_rows
    group by panel, outcome, score_name, past_as_of, coalesce(band, '')

),

band_shares as (

    select
        past_as_ofs.panel,
        past_as_ofs.outcome,
        past_as_ofs.score_name,
        past_as_ofs.past_as_of,
        past_as_ofs.rate,
        evaluated_bands.band_number,
        evaluated_bands.band,
        coalesce(rows_in_bands.panel_rows, 0) / past_as_ofs.panel_rows as share_of_rows
    from past_as_ofs
    inner join evaluated_bands
        on
            past_as_ofs.panel = evaluated_bands.panel
            and past_as_ofs.outcome = evaluated_bands.outcome
            and past_as_ofs.score_name = evaluated_bands.score_name
    left join rows_in_bands
        on
            past_as_ofs.panel = rows_in_bands.panel
            and past_as_ofs.outcome = rows_in_bands.outcome
            and past_as_ofs.score_name = rows_in_bands.score_name
            and past_as_ofs.past_as_of = rows_in_bands.past_as_of
            and coalesce(evaluated_bands.band, '') = rows_in_bands.band

)

select * from band_shares
