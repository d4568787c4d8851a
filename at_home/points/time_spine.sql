with

numbers as (

    {{ dbt.generate_series(91) }}

),

time_spine as (

    select cast({{ as_of() }} as date) - (cast(generated_number as integer) - 1) as date_day
    from numbers

)

select * from time_spine
