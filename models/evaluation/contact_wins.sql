with

population_steps as (

    select * from {{ ref('population_steps') }}

),

score_windows as (

    select * from {{ ref('score_windows') }}

),

score_wins as (

    select * from {{ ref('score_wins') }}

),

-- ten windows at a time, or the wins of 90 do not fit into memory: at 20 million events DuckDB wrote 50 GB to disk
contact_wins as (

    {% for first in range(1, 91, 10) %}
    select
        population_steps.ranking_number,
        score_wins.window_days,
        population_steps.contact,
        sum({{ wins_of_row('population_steps', 'score_wins') }}) as wins
    from population_steps
    inner join score_windows
        on
            population_steps.from_window <= score_windows.window_days
            and population_steps.to_window >= score_windows.window_days
    inner join score_wins
        on
            population_steps.list_number = score_wins.list_number
            and score_windows.window_days = score_wins.window_days
            and population_steps.cents = score_wins.cents
    where
        score_windows.window_days between {{ first }} and {{ first + 9 }}
        and score_wins.window_days between {{ first }} and {{ first + 9 }}
        and population_steps.from_window <= {{ first + 9 }}
        and population_steps.to_window >= {{ first }}
    group by population_steps.ranking_number, score_wins.window_days, population_steps.contact
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from contact_wins
