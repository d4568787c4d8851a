{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='fail',
    pre_hook="{{ forget(this, 'handed_off_at') }}",
) }}

with

history_builds as (

    select
        *,
        dense_rank() over (order by as_of desc) as build_rank
    from {{ ref('history_builds') }}

),

contact_scores as (

    select * from {{ ref('contact_scores') }}

),

score_history as (

    select * from {{ ref('score_history') }}

),

score_steps as (

    select * from {{ ref('score_steps') }}

),

newest_build as (

    select * from history_builds
    where build_rank = 1

),

-- a band was sales-ready if it was so when it was given
previous_build as (

    select * from history_builds
    where build_rank = 2

),

previous_standings as (

    select
        contact_id,
        score_name,
        band
    from score_history
    where valid_from < {{ as_of() }} and (valid_to is null or valid_to = {{ as_of() }})

),

-- none on a replay of an older as-of, whose instant is not the newest build's
sales_ready as (

    select
        contact_scores.*,
        newest_build.window_days
    from contact_scores
    inner join newest_build
        on
            contact_scores.as_of = newest_build.as_of
            and contact_scores.score_name = newest_build.score_name
            and contact_scores.band = newest_build.band
    where newest_build.is_sales_ready

),

sales_handoffs as (

    select
        sales_ready.contact_id,
        sales_ready.owner,
        sales_ready.phone,
        sales_ready.score_name,
        sales_ready.band,
        cast(coalesce(score_steps.score, 0) as decimal(18, 2)) as score,
        sales_ready.as_of as handed_off_at,
        previous_standings.band as previous_band
    from sales_ready
    left join previous_standings
        on
            sales_ready.contact_id = previous_standings.contact_id
            and sales_ready.score_name = previous_standings.score_name
    left join previous_build
        on
            previous_standings.score_name = previous_build.score_name
            and previous_standings.band = previous_build.band
    left join score_steps
        on
            sales_ready.contact_id = score_steps.contact_id
            and sales_ready.score_name = score_steps.score_name
            and sales_ready.window_days between score_steps.from_window and score_steps.to_window
    where not coalesce(previous_build.is_sales_ready, false)

)

select * from sales_handoffs
