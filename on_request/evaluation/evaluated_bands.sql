with

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

score_names as (

    select distinct score_name from {{ ref('stg_scoring_rules') }}

),

score_bands as (

    select * from {{ ref('stg_score_bands') }}

),

said_rows as (

    select * from {{ ref('said_rows') }}

),

-- null: below all bands
bands as (

    select
        score_bands.score_name,
        score_bands.band
    from score_bands
    inner join score_names
        on score_bands.score_name = score_names.score_name

    union all

    select
        score_name,
        {{ no_text() }} as band
    from score_names

),

-- what was said may have been a band that is no longer in the file
bands_of_panels as (

    select
        'as_said' as panel,
        outcome,
        score_name,
        band
    from said_rows

    {% for panel in ['by_rules', 'not_handed_off', 'as_said'] %}
    union

    select
        '{{ panel }}' as panel,
        outcomes.outcome,
        bands.score_name,
        bands.band
    from outcomes
    cross join bands
    {% endfor %}

),

evaluated_bands as (

    select
        *,
        cast(row_number() over (order by panel, outcome, score_name, band) as integer) as band_number
    from bands_of_panels

)

select * from evaluated_bands
