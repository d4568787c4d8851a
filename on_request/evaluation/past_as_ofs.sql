with

past_as_ofs as (

    select distinct past_as_of from {{ ref('outcome_as_ofs') }}

),

numbered as (

    select
        past_as_of,
        cast(past_as_of as date) as past_day,
        cast(row_number() over (order by past_as_of) as integer) as past_number
    from past_as_ofs

)

select * from numbered
