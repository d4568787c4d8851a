{{ config(materialized='view') }}

with

band_rows as (

    select * from {{ ref('band_rows') }}

),

said_rows as (

    select * from {{ ref('said_rows') }}

),

banded_rows as (

    {% for rows in ['band_rows', 'said_rows'] %}
    select
        {{ 'true' if rows == 'said_rows' else 'false' }} as is_said,
        outcome,
        score_name,
        past_as_of,
        contact,
        y,
        band
    from {{ rows }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from banded_rows
