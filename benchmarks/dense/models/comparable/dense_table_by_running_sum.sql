-- The same rows as dense_table's, from a running sum of each contact's days.

with

daily_points as (

    select * from {{ ref('daily_points') }}

),

running as (

    select
        contact_id,
        age_days as from_window,
        coalesce(lead(age_days) over days - 1, 90) as to_window,
        sum(times_earned) over days as times_earned
    from daily_points
    window days as (partition by contact_id order by age_days)

),

windows as (

    select cast(range as integer) as window_days from range(1, 91)

)

select
    'engagement' as score_name,
    windows.window_days,
    running.contact_id,
    cast(running.times_earned as decimal(18, 2)) as score,
    cast(running.times_earned as bigint) as times_earned
from running
inner join windows
    on windows.window_days between running.from_window and running.to_window
