{% set populations_of_row = 'in_' ~ populations() | join(', in_') %}
with

evaluated_steps as (

    select * from {{ ref('evaluated_steps') }}

),

places as (

    select distinct
        list_number,
        cents,
        y,
        {{ populations_of_row }}
    from evaluated_steps

),

score_places as (

    select
        *,
        cast(
            row_number() over (order by list_number, cents, y, {{ populations_of_row }}) as integer
        ) as place_number
    from places

)

select * from score_places
