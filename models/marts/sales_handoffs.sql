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

score_history as (

    select * from {{ ref('score_history') }}

),

contact_standings as (

    select * from {{ ref('contact_standings') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

newest_build as (

    select * from history_builds
    where build_rank = 1

),

-- whether a past band was sales-ready comes from its own build, not from today's score_bands.csv
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

-- empty when an older as-of is built again, because that is not the newest build
sales_ready as (

    select
        present_contacts.contact_id,
        present_contacts.owner,
        present_contacts.phone,
        contact_standings.score_name,
        contact_standings.band,
        contact_standings.band_score,
        contact_standings.as_of
    from contact_standings
    inner join newest_build
        on
            contact_standings.as_of = newest_build.as_of
            and contact_standings.score_name = newest_build.score_name
            and contact_standings.band = newest_build.band
    inner join present_contacts
        on contact_standings.contact = present_contacts.contact
    where newest_build.is_sales_ready

),

sales_handoffs as (

    select
        sales_ready.contact_id,
        sales_ready.owner,
        sales_ready.phone,
        sales_ready.score_name,
        sales_ready.band,
        sales_ready.band_score as score,
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
    where not coalesce(previous_build.is_sales_ready, false)

)

select * from sales_handoffs
