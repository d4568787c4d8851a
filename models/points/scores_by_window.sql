with

score_steps as (

    select * from {{ ref('score_steps') }}

),

band_windows as (

    select distinct
        score_name,
        window_days
    from {{ ref('stg_score_bands') }}

),

scores_by_window as (

    select
        score_steps.score_name,
        score_steps.contact_id,
        {% for window_days in named_windows() %}
        max({{ score_in_window(window_days) }}) as score_{{ window_days }}d,
        {% endfor %}
        max({{ score_in_window('band_windows.window_days') }}) as band_score
    from score_steps
    left join band_windows
        on score_steps.score_name = band_windows.score_name
    group by score_steps.score_name, score_steps.contact_id

)

select * from scores_by_window
