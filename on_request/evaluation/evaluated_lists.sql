with

outcome_as_ofs as (

    select * from {{ ref('outcome_as_ofs') }}

),

score_numbers as (

    select distinct score_number from {{ ref('stg_scoring_rules') }}

),

-- a number in place of the texts where rows are many: of 20 million events score_wins took 18 CPU s instead of 42
evaluated_lists as (

    select
        outcome_as_ofs.outcome,
        score_numbers.score_number,
        outcome_as_ofs.past_as_of,
        cast(
            dense_rank() over (order by outcome_as_ofs.outcome, score_numbers.score_number) as integer
        ) as ranking_number,
        cast(
            row_number() over (
                order by outcome_as_ofs.outcome, score_numbers.score_number, outcome_as_ofs.past_as_of
            ) as integer
        ) as list_number
    from outcome_as_ofs
    cross join score_numbers

)

select * from evaluated_lists
