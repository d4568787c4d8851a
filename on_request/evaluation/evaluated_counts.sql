with

contact_pairs as (

    select * from {{ ref('contact_pairs') }}

),

as_ofs as (

    select
        outcome,
        count(*) as as_ofs
    from {{ ref('outcome_as_ofs') }}
    group by outcome

),

counts as (

    {% for population in populations() %}
    select
        '{{ population }}' as population,
        ranking_number,
        outcome,
        score_number,
        count(*) as contacts,
        sum(case when {{ population }}_outcomes > 0 then 1 else 0 end) as contacts_with_outcome,
        sum({{ population }}_rows) as panel_rows,
        sum({{ population }}_outcomes) as outcomes,
        -- each pair is seen from both of its rows
        cast(sum({{ population }}_pairs) as {{ type_double() }}) / 2 as pairs
    from contact_pairs
    where {{ population }}_rows > 0
    group by ranking_number, outcome, score_number
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

-- the outcome has too few contacts if all of them have, whatever the population
with_fewest as (

    select
        counts.*,
        as_ofs.as_ofs,
        least(
            counts.contacts_with_outcome, counts.contacts - counts.contacts_with_outcome,
            everybody.contacts_with_outcome, everybody.contacts - everybody.contacts_with_outcome
        ) as fewest,
        least(counts.contacts_with_outcome, everybody.contacts_with_outcome) as fewest_with_outcome
    from counts
    inner join as_ofs
        on counts.outcome = as_ofs.outcome
    inner join counts as everybody
        on counts.ranking_number = everybody.ranking_number and everybody.population = 'all'

),

evaluated_counts as (

    select
        *,
        fewest >= {{ fewest_contacts() }} as has_figures,
        fewest >= {{ fewest_contacts() }} and fewest_with_outcome >= {{ fewest_contacts_to_choose() }} as has_best
    from with_fewest

)

select * from evaluated_counts
