with

contact_wins as (

    select * from {{ ref('contact_wins') }}

),

contact_pairs as (

    select * from {{ ref('contact_pairs') }}

),

window_aucs as (

    select * from {{ ref('window_aucs') }}

),

-- one population beside the other, as contacts have their wins
aucs as (

    select
        {% for population in populations() %}
        max(case when population = '{{ population }}' then auc end) as {{ population }}_auc,
        max(case when population = '{{ population }}' then best_window end) as {{ population }}_best_window,
        {% endfor %}
        ranking_number,
        window_days
    from window_aucs
    group by ranking_number, window_days

),

-- by how much a contact's wins differ from those that the AUC makes one expect
deviations as (

    select
        {% for population in populations() %}
        contact_wins.{{ population }}_wins - aucs.{{ population }}_auc * contact_pairs.{{ population }}_pairs
            as {{ population }}_deviation,
        aucs.{{ population }}_best_window,
        {% endfor %}
        contact_wins.ranking_number,
        contact_wins.contact,
        contact_wins.window_days
    from contact_wins
    inner join contact_pairs
        on
            contact_wins.ranking_number = contact_pairs.ranking_number
            and contact_wins.contact = contact_pairs.contact
    inner join aucs
        on
            contact_wins.ranking_number = aucs.ranking_number
            and contact_wins.window_days = aucs.window_days

),

best_deviations as (

    select
        {% for population in populations() %}
        max(case when window_days = {{ population }}_best_window then {{ population }}_deviation end)
            as {{ population }}_deviation,
        {% endfor %}
        ranking_number,
        contact
    from deviations
    group by ranking_number, contact

),

sums as (

    select
        {% for population in populations() %}
        {% set deviation = 'deviations.' ~ population ~ '_deviation' %}
        {% set from_best = '(' ~ deviation ~ ' - best_deviations.' ~ population ~ '_deviation)' %}
        sqrt(sum({{ deviation }} * {{ deviation }})) as {{ population }}_deviation,
        sqrt(sum({{ from_best }} * {{ from_best }})) as {{ population }}_deviation_from_best,
        {% endfor %}
        deviations.ranking_number,
        deviations.window_days
    from deviations
    inner join best_deviations
        on
            deviations.ranking_number = best_deviations.ranking_number
            and deviations.contact = best_deviations.contact
    group by deviations.ranking_number, deviations.window_days

),

window_errors as (

    {% for population in populations() %}
    select
        '{{ population }}' as population,
        ranking_number,
        window_days,
        {{ population }}_deviation as deviation,
        {{ population }}_deviation_from_best as deviation_from_best
    from sums
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from window_errors
