{{ config(materialized='table') }}

with

ages as (

    {{ dbt.generate_series(180) }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

band_windows as (

    select * from {{ ref('band_windows') }}

),

aged as (

    select
        scoring_rules.*,
        band_windows.window_days as band_window_days,
        cast(ages.generated_number as integer) as age,
        cast(ages.generated_number as decimal(18, 1)) / 2 as age_days
    from scoring_rules
    inner join band_windows
        on scoring_rules.score_number = band_windows.score_number
    cross join ages

),

-- a window contains a period if it is at least as long as the period is old
rule_weights as (

    select
        rule_number,
        age,
        cast(ceil(age_days) as integer) as from_window,
        {{ is_expired('expires_after_days', 'age_days') }} as is_expired,
        age_days <= band_window_days and not {{ is_expired('expires_after_days', 'age_days') }} as counts_for_band,
        {{ decayed_points('points', 'half_life_days', 'age_days') }} as points
    from aged

)

select * from rule_weights
