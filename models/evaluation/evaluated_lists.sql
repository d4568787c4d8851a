with

evaluated_steps as (

    select * from {{ ref('evaluated_steps') }}

),

-- there is nobody who counts only where machines do
lists as (

    select distinct
        outcome,
        score_number,
        past_as_of
    from evaluated_steps

),

populations as (

    {% for population in ['all', 'active', 'with_machines'] %}
    select '{{ population }}' as population
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- in what has many rows a number stands for the texts: comparing texts took twice as long, and three times the memory
evaluated_lists as (

    select
        populations.population,
        lists.outcome,
        lists.score_number,
        lists.past_as_of,
        cast(
            dense_rank() over (order by populations.population, lists.outcome, lists.score_number) as integer
        ) as ranking_number,
        cast(
            row_number() over (
                order by populations.population, lists.outcome, lists.score_number, lists.past_as_of
            ) as integer
        ) as list_number
    from lists
    cross join populations

)

select * from evaluated_lists
