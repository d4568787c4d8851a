with

-- each row of the panel once: its first step
panel_rows as (

    select * from {{ ref('evaluated_steps') }}
    where from_window = 1

),

evaluated_lists as (

    select * from {{ ref('evaluated_lists') }}

),

lists as (

    select
        {% for population in populations() %}
        sum(in_{{ population }} * y) as {{ population }}_with_outcome,
        sum(in_{{ population }} * (1 - y)) as {{ population }}_without_outcome,
        {% endfor %}
        list_number
    from panel_rows
    group by list_number

),

-- a row stands in a pair with every row of the same as-of that differs in the outcome
contact_pairs as (

    select
        evaluated_lists.ranking_number,
        evaluated_lists.outcome,
        evaluated_lists.score_number,
        {% for population in populations() %}
        sum(panel_rows.in_{{ population }}) as {{ population }}_rows,
        sum(panel_rows.in_{{ population }} * panel_rows.y) as {{ population }}_outcomes,
        sum(
            panel_rows.in_{{ population }}
            * case
                when panel_rows.y = 1 then lists.{{ population }}_without_outcome
                else lists.{{ population }}_with_outcome
            end
        ) as {{ population }}_pairs,
        {% endfor %}
        panel_rows.contact
    from panel_rows
    inner join evaluated_lists
        on panel_rows.list_number = evaluated_lists.list_number
    inner join lists
        on panel_rows.list_number = lists.list_number
    group by evaluated_lists.ranking_number, evaluated_lists.outcome, evaluated_lists.score_number, panel_rows.contact

)

select * from contact_pairs
