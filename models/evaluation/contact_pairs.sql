with

-- each row of a population once: its first step
population_rows as (

    select * from {{ ref('population_steps') }}
    where from_window = 1

),

as_ofs as (

    select
        population,
        outcome,
        score_number,
        past_as_of,
        sum(y) as with_outcome,
        sum(1 - y) as without_outcome
    from population_rows
    group by population, outcome, score_number, past_as_of

),

-- a row stands in a pair with every row of the same as-of that differs in the outcome
contact_pairs as (

    select
        population_rows.population,
        population_rows.outcome,
        population_rows.score_number,
        population_rows.contact,
        count(*) as panel_rows,
        sum(population_rows.y) as outcomes,
        sum(case when population_rows.y = 1 then as_ofs.without_outcome else as_ofs.with_outcome end) as pairs
    from population_rows
    inner join as_ofs
        on
            population_rows.population = as_ofs.population
            and population_rows.outcome = as_ofs.outcome
            and population_rows.score_number = as_ofs.score_number
            and population_rows.past_as_of = as_ofs.past_as_of
    group by
        population_rows.population, population_rows.outcome, population_rows.score_number, population_rows.contact

)

select * from contact_pairs
