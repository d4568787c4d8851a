-- One row a contact and window, for the windows of the last 1 to 90 days.

with

daily_points as (

    select * from {{ ref('daily_points') }}

),

windows as (

    select cast(range as integer) as window_days from range(1, 91)

)

select
    'engagement' as score_name,
    windows.window_days,
    daily_points.contact_id,
    cast(sum(daily_points.times_earned) as decimal(18, 2)) as score,
    cast(sum(daily_points.times_earned) as bigint) as times_earned
from daily_points
inner join windows
    on daily_points.age_days <= windows.window_days
group by all
