with

evaluated_steps as (

    select * from {{ ref('evaluated_steps') }}

),

score_places as (

    select * from {{ ref('score_places') }}

),

score_windows as (

    select * from {{ ref('score_windows') }}

),

-- a row has a score from the first window of its step on, and no more from the window after the last one
changes as (

    select
        {% for population in populations() %}
        sum(in_{{ population }} * y) as {{ population }}_with_outcome,
        sum(in_{{ population }} * (1 - y)) as {{ population }}_without_outcome,
        {% endfor %}
        list_number,
        cents,
        from_window
    from evaluated_steps
    group by list_number, cents, from_window

    union all

    select
        {% for population in populations() %}
        -sum(in_{{ population }} * y) as {{ population }}_with_outcome,
        -sum(in_{{ population }} * (1 - y)) as {{ population }}_without_outcome,
        {% endfor %}
        list_number,
        cents,
        to_window + 1 as from_window
    from evaluated_steps
    where to_window < 90
    group by list_number, cents, to_window

),

summed as (

    select
        {% for population in populations() %}
        cast(sum({{ population }}_with_outcome) as {{ type_double() }}) as {{ population }}_with_outcome,
        cast(sum({{ population }}_without_outcome) as {{ type_double() }}) as {{ population }}_without_outcome,
        {% endfor %}
        list_number,
        cents,
        from_window
    from changes
    group by list_number, cents, from_window

),

counts as (

    select
        {% for population in populations() %}
        sum({{ population }}_with_outcome) over score_of_list as {{ population }}_with_outcome,
        sum({{ population }}_without_outcome) over score_of_list as {{ population }}_without_outcome,
        {% endfor %}
        list_number,
        cents,
        from_window,
        coalesce(lead(from_window) over score_of_list - 1, 90) as to_window
    from summed
    window score_of_list as (partition by list_number, cents order by from_window)

),

scores as (

    select
        counts.*,
        score_windows.window_days
    from counts
    inner join score_windows
        on score_windows.window_days between counts.from_window and counts.to_window
    where
        counts.all_with_outcome + counts.all_without_outcome
        + counts.with_machines_with_outcome + counts.with_machines_without_outcome > 0

),

-- a row with the outcome wins against lower scores, one without it against higher ones; a tie is half a win
wins as (

    select
        {% for population in populations() %}
        {{ wins_with_outcome('list_number, window_days', among=population ~ '_') }}
            as {{ population }}_wins_with_outcome,
        {{ wins_without_outcome('list_number, window_days', among=population ~ '_') }}
            as {{ population }}_wins_without_outcome,
        {% endfor %}
        list_number,
        window_days,
        cents
    from scores

),

score_wins as (

    select
        {% for population in populations() %}
        score_places.in_{{ population }} * {{ wins_of_row('score_places', 'wins', among=population ~ '_') }}
            as {{ population }}_wins,
        {% endfor %}
        score_places.place_number,
        wins.window_days
    from wins
    inner join score_places
        on wins.list_number = score_places.list_number and wins.cents = score_places.cents

)

-- those of a window side by side: contact_wins reads one window after the other, and takes a quarter less
select * from score_wins
order by window_days
