with

evaluated_steps as (

    select * from {{ ref('evaluated_steps') }}

),

evaluated_lists as (

    select * from {{ ref('evaluated_lists') }}

),

score_places as (

    select * from {{ ref('score_places') }}

),

-- of 20 million events contact_wins took 28 s where it looked up lists and scores, and 14 with a number for both
placed_steps as (

    select
        evaluated_lists.ranking_number,
        evaluated_steps.contact,
        score_places.place_number,
        evaluated_steps.from_window,
        evaluated_steps.to_window
    from evaluated_steps
    inner join evaluated_lists
        on evaluated_steps.list_number = evaluated_lists.list_number
    inner join score_places
        on
            evaluated_steps.list_number = score_places.list_number
            and evaluated_steps.cents = score_places.cents
            and evaluated_steps.y = score_places.y
            {% for population in populations() %}
            and evaluated_steps.in_{{ population }} = score_places.in_{{ population }}
            {% endfor %}

)

select * from placed_steps
