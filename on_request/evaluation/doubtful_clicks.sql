with

fast_clicks as (

    select * from {{ ref('past_fast_clicks') }}

),

click_bursts as (

    select * from {{ ref('past_click_bursts') }}

),

days as (

    select
        coalesce(fast_clicks.row_key, click_bursts.row_key) as row_key,
        coalesce(fast_clicks.event_key, click_bursts.event_key) as event_key,
        coalesce(fast_clicks.fast_day, {{ last_day() }}) as fast_day,
        coalesce(fast_clicks.slow_day, {{ last_day() }}) as slow_day,
        coalesce(click_bursts.burst_day, {{ last_day() }}) as burst_day
    from fast_clicks
    full outer join click_bursts
        on {{ is_same_row('fast_clicks', 'click_bursts') }}

),

-- the days on which it was taken for a person's: before any mark, and between the two
doubtful_clicks as (

    select
        row_key,
        event_key,
        {{ first_day() }} as after_day,
        least(fast_day, burst_day) as until_day
    from days

    union all

    select
        row_key,
        event_key,
        greatest(fast_day, slow_day) as after_day,
        burst_day as until_day
    from days
    where greatest(fast_day, slow_day) < burst_day

)

select * from doubtful_clicks
