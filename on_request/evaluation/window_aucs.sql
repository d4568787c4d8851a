with

contact_wins as (

    select * from {{ ref('contact_wins') }}

),

evaluated_counts as (

    select * from {{ ref('evaluated_counts') }}

),

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

-- each pair is won once, whichever of its rows has the higher score
sums as (

    select
        {% for population in populations() %}
        sum({{ population }}_wins) / 2 as {{ population }}_wins,
        {% endfor %}
        ranking_number,
        window_days
    from contact_wins
    group by ranking_number, window_days

),

aucs as (

    {% for population in populations() %}
    select
        '{{ population }}' as population,
        ranking_number,
        window_days,
        {{ population }}_wins as wins
    from sums
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- of equally good windows the shortest is the best
window_aucs as (

    select
        aucs.ranking_number,
        aucs.population,
        evaluated_counts.outcome,
        evaluated_counts.score_number,
        aucs.window_days,
        aucs.wins / nullif(evaluated_counts.pairs, 0) as auc,
        case when outcomes.is_wanted then 1 else -1 end as direction,
        first_value(aucs.window_days) over (
            partition by aucs.ranking_number, aucs.population
            order by case when outcomes.is_wanted then -aucs.wins else aucs.wins end, aucs.window_days
        ) as best_window
    from aucs
    inner join evaluated_counts
        on aucs.ranking_number = evaluated_counts.ranking_number and aucs.population = evaluated_counts.population
    inner join outcomes
        on evaluated_counts.outcome = outcomes.outcome

)

select * from window_aucs
