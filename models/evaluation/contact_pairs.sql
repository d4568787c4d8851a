with

-- each row of a population once: its first step
population_rows as (

    select * from {{ ref('population_steps') }}
    where from_window = 1

),

rankings as (

    select distinct
        ranking_number,
        population,
        outcome,
        score_number
    from {{ ref('evaluated_lists') }}

),

lists as (

    select
        list_number,
        sum(y) as with_outcome,
        sum(1 - y) as without_outcome
    from population_rows
    group by list_number

),

-- a row stands in a pair with every row of the same as-of that differs in the outcome
pairs as (

    select
        population_rows.ranking_number,
        population_rows.contact,
        count(*) as panel_rows,
        sum(population_rows.y) as outcomes,
        sum(case when population_rows.y = 1 then lists.without_outcome else lists.with_outcome end) as pairs
    from population_rows
    inner join lists
        on population_rows.list_number = lists.list_number
    group by population_rows.ranking_number, population_rows.contact

),

contact_pairs as (

    select
        pairs.*,
        rankings.population,
        rankings.outcome,
        rankings.score_number
    from pairs
    inner join rankings
        on pairs.ranking_number = rankings.ranking_number

)

select * from contact_pairs
