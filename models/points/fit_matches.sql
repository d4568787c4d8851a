{{ config(materialized='table') }}

with

contact_attributes as (

    select * from {{ ref('contact_attributes') }}

),

fit_rules as (

    select * from {{ ref('stg_fit_rules') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

-- of several lists, the first that matches
plain_matches as (

    select
        contact_attributes.contact,
        fit_rules.rule_number,
        min(contact_attributes.attribute_value) as matched_value
    from contact_attributes
    inner join fit_rules
        on contact_attributes.attribute_name = fit_rules.attribute
    where
        case fit_rules.plain_operator
            when 'is_known' then true
            when 'at_least' then {{ number_from_text('contact_attributes.attribute_value') }} >= fit_rules.match_number
            when 'at_most' then {{ number_from_text('contact_attributes.attribute_value') }} <= fit_rules.match_number
            else {{ text_matches(
                lower_case('contact_attributes.attribute_value'), 'fit_rules.plain_operator', 'fit_rules.match_text'
            ) }}
        end
    group by contact_attributes.contact, fit_rules.rule_number

),

-- whom the plain rule does not match, with the value that they have instead
negated_matches as (

    select
        present_contacts.contact,
        fit_rules.rule_number,
        contact_attributes.attribute_value as matched_value
    from present_contacts
    cross join fit_rules
    left join plain_matches
        on
            present_contacts.contact = plain_matches.contact
            and fit_rules.rule_number = plain_matches.rule_number
    left join contact_attributes
        on
            present_contacts.contact = contact_attributes.contact
            and fit_rules.attribute = contact_attributes.attribute_name
            and fit_rules.attribute <> 'list'
    where fit_rules.is_negated and plain_matches.contact is null

),

fit_matches as (

    select plain_matches.*
    from plain_matches
    inner join fit_rules
        on plain_matches.rule_number = fit_rules.rule_number
    where not fit_rules.is_negated

    union all

    select * from negated_matches

)

select * from fit_matches
