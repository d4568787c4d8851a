with

daily_points as (

    select
        contact_id,
        -- 1 for the last 24 hours
        (epoch_us(timestamp '{{ env_var("DENSE_AS_OF") }}') - 1 - epoch_us(occurred_at)) // 86400000000 + 1 as age_days,
        count(*) as times_earned,
        sum(points) as points
    from {{ ref('events') }}
    group by all

),

windows as (

    select cast(range as integer) as window_days from range(1, 91)

)

select
    'engagement' as score_name,
    windows.window_days,
    daily_points.contact_id,
    cast(sum(daily_points.points) as decimal(18, 2)) as score,
    cast(sum(daily_points.times_earned) as bigint) as times_earned
from daily_points
inner join windows
    on daily_points.age_days <= windows.window_days
group by all
