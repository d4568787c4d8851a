{{ config(materialized='table') }}

with

fit_matches as (

    select * from {{ ref('fit_matches') }}

),

fit_rules as (

    select * from {{ ref('stg_fit_rules') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

disqualified as (

    select distinct contact from {{ ref('disqualifications') }}

),

bands as (

    select * from {{ ref('stg_score_bands') }}

),

score_names as (

    select distinct score_name from fit_rules

),

sums as (

    select
        fit_matches.contact,
        fit_rules.score_name,
        sum(fit_rules.points) as points
    from fit_matches
    inner join fit_rules
        on fit_matches.rule_number = fit_rules.rule_number
    group by fit_matches.contact, fit_rules.score_name

),

-- disqualified contacts have score 0
with_scores as (

    select
        score_names.score_name,
        present_contacts.contact,
        disqualified.contact is not null as is_disqualified,
        cast(
            case when disqualified.contact is null then coalesce(sums.points, 0) else 0 end as decimal(18, 6)
        ) as score
    from present_contacts
    cross join score_names
    left join sums
        on
            present_contacts.contact = sums.contact
            and score_names.score_name = sums.score_name
    left join disqualified
        on present_contacts.contact = disqualified.contact

),

fit_standings as (

    select
        with_scores.contact,
        with_scores.score_name,
        with_scores.score,
        bands.band
    from with_scores
    left join bands
        on
            not with_scores.is_disqualified
            and with_scores.score_name = bands.score_name
            and {{ is_in_band('with_scores.score', 'bands') }}

)

select * from fit_standings
