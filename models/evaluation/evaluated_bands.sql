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
evaluated_bands as (

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

)

select * from evaluated_bands
