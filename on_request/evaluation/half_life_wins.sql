with

half_life_rows as (

    select * from {{ ref('half_life_rows') }}

),

panel_rows as (

    {% for half_life in half_lives() %}
    select
        {{ half_life }} as half_life_days,
        ranking_number,
        list_number,
        contact,
        y,
        cents_{{ half_life }} as cents
    from half_life_rows
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

scores as (

    select
        half_life_days,
        list_number,
        cents,
        cast(sum(y) as {{ type_double() }}) as with_outcome,
        cast(sum(1 - y) as {{ type_double() }}) as without_outcome
    from panel_rows
    group by half_life_days, list_number, cents

),

score_wins as (

    select
        half_life_days,
        list_number,
        cents,
        {{ wins_with_outcome('half_life_days, list_number') }} as wins_with_outcome,
        {{ wins_without_outcome('half_life_days, list_number') }} as wins_without_outcome
    from scores

),

half_life_wins as (

    select
        panel_rows.half_life_days,
        panel_rows.ranking_number,
        panel_rows.contact,
        sum({{ wins_of_row('panel_rows', 'score_wins') }}) as wins
    from panel_rows
    inner join score_wins
        on
            panel_rows.half_life_days = score_wins.half_life_days
            and panel_rows.list_number = score_wins.list_number
            and panel_rows.cents = score_wins.cents
    group by panel_rows.half_life_days, panel_rows.ranking_number, panel_rows.contact

)

select * from half_life_wins
