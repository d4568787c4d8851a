-- a view: a hundred times the rows of the panel
{{ config(materialized='view') }}

with

what_if_rows as (

    select * from {{ ref('what_if_rows') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

outcome_rules as (

    select * from {{ ref('outcome_rules') }}
    where not is_outcome

),

rule_changes as (

    select * from {{ ref('rule_changes') }}

),

changed_drivers as (

    select * from {{ ref('changed_drivers') }}

),

what_if_scores as (

    select
        what_if_rows.outcome,
        scoring_rules.rule_number,
        rule_changes.change_number,
        what_if_rows.past_as_of,
        what_if_rows.contact,
        what_if_rows.fold,
        what_if_rows.is_for_choosing,
        what_if_rows.y,
        what_if_rows.cents + coalesce(changed_drivers.cents_change, 0) as cents
    from what_if_rows
    inner join scoring_rules
        on what_if_rows.score_number = scoring_rules.score_number
    inner join outcome_rules
        on what_if_rows.outcome = outcome_rules.outcome and scoring_rules.rule_number = outcome_rules.rule_number
    cross join rule_changes
    left join changed_drivers
        on
            what_if_rows.past_as_of = changed_drivers.past_as_of
            and what_if_rows.contact = changed_drivers.contact
            and scoring_rules.rule_number = changed_drivers.rule_number
            and rule_changes.change_number = changed_drivers.change_number

)

select * from what_if_scores
