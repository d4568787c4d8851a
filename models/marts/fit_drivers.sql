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

fit_drivers as (

    select
        fit_rules.score_name,
        present_contacts.contact_id,
        fit_rules.rule_id,
        fit_matches.matched_value,
        fit_rules.points,
        disqualified.contact is not null as is_disqualified,
        {{ as_of() }} as as_of
    from fit_matches
    inner join fit_rules
        on fit_matches.rule_number = fit_rules.rule_number
    inner join present_contacts
        on fit_matches.contact = present_contacts.contact
    left join disqualified
        on fit_matches.contact = disqualified.contact

)

select * from fit_drivers
