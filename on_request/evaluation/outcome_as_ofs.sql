with

numbers as (

    {{ dbt.generate_series(var('evaluation_as_ofs')) }}

),

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

-- the newest is old enough that the horizon is over, and the days in which late rows still come in
outcome_as_ofs as (

    select
        outcomes.outcome,
        cast(
            cast({{ as_of() }} as date) - (
                outcomes.horizon_days + {{ var('evaluation_settle_days') }}
                + {{ var('evaluation_step_days') }}
                * ({{ var('evaluation_as_ofs') }} - cast(numbers.generated_number as integer))
            ) as {{ dbt.type_timestamp() }}
        ) as past_as_of,
        cast(numbers.generated_number as integer) as as_of_number
    from outcomes
    cross join numbers

)

select * from outcome_as_ofs
