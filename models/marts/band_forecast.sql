{{ config(materialized='table') }}

with

driver_forecasts as (

    select * from {{ ref('driver_forecasts') }}

),

contact_standings as (

    select * from {{ ref('contact_standings') }}
    where status <> 'disqualified'

),

bands as (

    select * from {{ ref('stg_score_bands') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

-- written out: not every engine adds a column's number of hours to a time
moments as (

    {% for periods_ahead in range(1, forecast_periods() + 1) %}
    select
        {{ periods_ahead }} as periods_ahead,
        {{ dbt.dateadd('hour', 12 * periods_ahead, as_of()) }} as changes_at
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

changes as (

    select
        contact,
        score_number,
        periods_ahead,
        points - coalesce(
            lag(points) over (partition by contact, rule_number order by periods_ahead), 0
        ) as points_change
    from driver_forecasts

),

changes_by_moment as (

    select
        contact,
        score_number,
        periods_ahead,
        sum(points_change) as points_change
    from changes
    group by contact, score_number, periods_ahead

),

scores as (

    select
        contact,
        score_number,
        periods_ahead,
        cast(
            sum(points_change) over (partition by contact, score_number order by periods_ahead) as decimal(18, 2)
        ) as score_then
    from changes_by_moment

),

band_changes as (

    select
        contact_standings.score_name,
        contact_standings.contact,
        contact_standings.band,
        contact_standings.band_score,
        bands.band as next_band,
        scores.score_then,
        scores.periods_ahead,
        row_number() over (
            partition by scores.score_number, scores.contact
            order by scores.periods_ahead
        ) as change_number
    from scores
    inner join contact_standings
        on
            scores.contact = contact_standings.contact
            and scores.score_number = contact_standings.score_number
    left join bands
        on
            contact_standings.score_name = bands.score_name
            and {{ is_in_band('scores.score_then', 'bands') }}
    where coalesce(bands.band, '') <> coalesce(contact_standings.band, '')

),

band_forecast as (

    select
        band_changes.score_name,
        present_contacts.contact_id,
        moments.changes_at,
        band_changes.band,
        band_changes.next_band,
        band_changes.band_score as score,
        band_changes.score_then,
        {{ as_of() }} as as_of
    from band_changes
    inner join present_contacts
        on band_changes.contact = present_contacts.contact
    inner join moments
        on band_changes.periods_ahead = moments.periods_ahead
    where band_changes.change_number = 1

)

select * from band_forecast
