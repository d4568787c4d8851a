{{ config(schema='marts') }}

with

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

spans as (

    select
        outcome,
        count(*) as as_ofs,
        min(past_as_of) as first_as_of,
        max(past_as_of) as last_as_of
    from {{ ref('outcome_as_ofs') }}
    group by outcome

),

evaluated_outcomes as (

    select
        outcomes.outcome,
        outcomes.description,
        outcomes.horizon_days,
        outcomes.is_wanted,
        outcomes.repeats,
        cast(spans.as_ofs as bigint) as as_ofs,
        spans.first_as_of,
        spans.last_as_of,
        {{ as_of() }} as as_of
    from outcomes
    inner join spans
        on outcomes.outcome = spans.outcome

)

select * from evaluated_outcomes
