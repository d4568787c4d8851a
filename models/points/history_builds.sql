{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='fail',
    pre_hook="{{ forget_builds(this) }}",
) }}

with

score_bands as (

    select * from {{ ref('stg_score_bands') }}

),

this_build as (

    select
        {{ as_of() }} as as_of,
        {{ 'true' if is_demo() else 'false' }} as is_demo

),

-- a build without any band gets a row too
history_builds as (

    select
        this_build.as_of,
        this_build.is_demo,
        score_bands.score_name,
        score_bands.band,
        score_bands.window_days,
        coalesce(score_bands.is_sales_ready, false) as is_sales_ready
    from this_build
    left join score_bands
        on this_build.as_of is not null
    {% if is_incremental() %}
    where
        not exists (
            select 1
            from {{ this }} as newer
            where newer.as_of > this_build.as_of
        )
    {% endif %}

)

select * from history_builds
