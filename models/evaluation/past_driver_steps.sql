{{ config(materialized='view') }}

with

past_steps as (

    select * from {{ ref('past_steps') }}

),

-- where machines make no difference, one row is stored for both
past_driver_steps as (

    {% for with_machines in ['false', 'true'] %}
    select
        past_as_of,
        contact,
        rule_number,
        {{ with_machines }} as with_machines,
        from_window,
        to_window,
        times_earned,
        points,
        times_change,
        points_change
    from past_steps
    where {{ 'with_machines or not has_machines' if with_machines == 'true' else 'not with_machines' }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from past_driver_steps
