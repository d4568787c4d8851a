with

population_steps as (

    select * from {{ ref('population_steps') }}

),

score_windows as (

    select * from {{ ref('score_windows') }}

),

-- a row has a score from the first window of its step on, and no more from the window after the last one
changes as (

    select
        list_number,
        cents,
        from_window,
        sum(y) as with_outcome,
        sum(1 - y) as without_outcome
    from population_steps
    group by list_number, cents, from_window

    union all

    select
        list_number,
        cents,
        to_window + 1 as from_window,
        -sum(y) as with_outcome,
        -sum(1 - y) as without_outcome
    from population_steps
    where to_window < 90
    group by list_number, cents, to_window

),

summed as (

    select
        list_number,
        cents,
        from_window,
        sum(with_outcome) as with_outcome,
        sum(without_outcome) as without_outcome
    from changes
    group by list_number, cents, from_window

),

counts as (

    select
        list_number,
        cents,
        from_window,
        coalesce(lead(from_window) over score_of_list - 1, 90) as to_window,
        sum(with_outcome) over score_of_list as with_outcome,
        sum(without_outcome) over score_of_list as without_outcome
    from summed
    window score_of_list as (partition by list_number, cents order by from_window)

),

-- rows with the same score win as often, so wins are counted once for each score that occurs
scores as (

    select
        counts.list_number,
        score_windows.window_days,
        counts.cents,
        counts.with_outcome,
        counts.without_outcome
    from counts
    inner join score_windows
        on score_windows.window_days between counts.from_window and counts.to_window
    where counts.with_outcome + counts.without_outcome > 0

),

-- a row with the outcome wins against lower scores, one without it against higher ones; a tie is half a win
score_wins as (

    select
        list_number,
        window_days,
        cents,
        {{ wins_with_outcome('list_number, window_days') }} as wins_with_outcome,
        {{ wins_without_outcome('list_number, window_days') }} as wins_without_outcome
    from scores

)

select * from score_wins
