with

past_as_ofs as (

    select * from {{ ref('past_as_ofs') }}

),

numbers as (

    {{ dbt.generate_series(180) }}

),

-- the 12 h periods of the 90 days before each as-of
past_periods as (

    select
        past_as_ofs.past_as_of,
        past_as_ofs.past_day,
        past_as_ofs.past_day - cast(ceil(numbers.generated_number / 2.0) as integer) as occurred_day,
        cast(numbers.generated_number as integer) % 2 as half_of_day,
        cast(numbers.generated_number as integer) as age
    from past_as_ofs
    cross join numbers

)

select * from past_periods
