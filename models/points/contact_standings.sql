{{ config(materialized='table') }}

with

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

score_names as (

    select distinct
        score_number,
        score_name
    from {{ ref('stg_scoring_rules') }}

),

score_steps as (

    select * from {{ ref('score_steps') }}

),

disqualified as (

    select distinct contact from {{ ref('disqualifications') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}

),

band_windows as (

    select distinct
        score_names.score_number,
        bands.window_days
    from score_names
    inner join bands
        on score_names.score_name = bands.score_name

),

earned as (

    select
        score_steps.score_number,
        score_steps.contact,
        max(score_steps.last_earned_at) as last_engaged_at,
        min(score_steps.from_window) as active_from_window,
        {% for window_days in named_windows() %}
        max({{ score_in_window(window_days) }}) as score_{{ window_days }}d,
        {% endfor %}
        max({{ score_in_window('band_windows.window_days') }}) as band_score
    from score_steps
    left join band_windows
        on score_steps.score_number = band_windows.score_number
    group by score_steps.score_number, score_steps.contact

),

-- disqualified contacts have score 0
with_scores as (

    select
        score_names.score_number,
        score_names.score_name,
        present_contacts.contact,
        earned.last_engaged_at,
        case when disqualified.contact is null then earned.active_from_window end as active_from_window,
        case
            when disqualified.contact is not null then 'disqualified'
            when earned.contact is not null then 'active'
            else 'inactive'
        end as status,
        {% for window_days in named_windows() %}
        cast(
            case when disqualified.contact is null then coalesce(earned.score_{{ window_days }}d, 0) else 0 end
            as decimal(18, 2)
        ) as score_{{ window_days }}d,
        {% endfor %}
        cast(
            case when disqualified.contact is null then coalesce(earned.band_score, 0) else 0 end as decimal(18, 2)
        ) as band_score
    from present_contacts
    cross join score_names
    left join earned
        on
            present_contacts.contact = earned.contact
            and score_names.score_number = earned.score_number
    left join disqualified
        on present_contacts.contact = disqualified.contact

),

with_bands as (

    select
        with_scores.*,
        bands.band,
        coalesce(bands.is_sales_ready, false) as is_sales_ready,
        {{ as_of() }} as as_of
    from with_scores
    left join bands
        on
            with_scores.status <> 'disqualified'
            and with_scores.score_name = bands.score_name
            and {{ is_in_band('with_scores.band_score', 'bands') }}

)

select * from with_bands
