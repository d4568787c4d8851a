with

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}

),

-- a score name without bands is looked at over 30 days
band_windows as (

    select
        scoring_rules.score_number,
        scoring_rules.score_name,
        coalesce(max(bands.window_days), 30) as window_days
    from scoring_rules
    left join bands
        on scoring_rules.score_name = bands.score_name
    group by scoring_rules.score_number, scoring_rules.score_name

)

select * from band_windows
