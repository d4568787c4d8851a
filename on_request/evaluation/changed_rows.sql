with

what_if_rows as (

    select * from {{ ref('what_if_rows') }}

),

changed_drivers as (

    select * from {{ ref('changed_drivers') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

outcome_rules as (

    select * from {{ ref('outcome_rules') }}
    where not is_outcome

),

changed_rows as (

    select
        what_if_rows.ranking_number,
        what_if_rows.list_number,
        changed_drivers.rule_number,
        changed_drivers.change_number,
        what_if_rows.contact,
        what_if_rows.fold,
        what_if_rows.is_for_choosing,
        what_if_rows.y,
        what_if_rows.cents,
        what_if_rows.cents + changed_drivers.cents_change as changed_cents
    from what_if_rows
    inner join changed_drivers
        on
            what_if_rows.past_as_of = changed_drivers.past_as_of
            and what_if_rows.contact = changed_drivers.contact
    inner join scoring_rules
        on
            changed_drivers.rule_number = scoring_rules.rule_number
            and what_if_rows.score_number = scoring_rules.score_number
    inner join outcome_rules
        on
            what_if_rows.outcome = outcome_rules.outcome
            and changed_drivers.rule_number = outcome_rules.rule_number

)

select * from changed_rows
