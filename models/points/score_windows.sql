with

numbers as (

    {{ dbt.generate_series(90) }}

)

select cast(generated_number as integer) as window_days from numbers
