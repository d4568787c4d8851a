{{ config(schema='marts') }}

with

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

outcome_rules as (

    select * from {{ ref('outcome_rules') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

rule_changes as (

    select * from {{ ref('rule_changes') }}

),

what_if_aucs as (

    select * from {{ ref('what_if_aucs') }}

),

-- so many contacts with the outcome that one change can be chosen over another
enough_outcomes as (

    select * from {{ ref('evaluated_counts') }}
    where population = 'all' and has_best

),

joined as (

    select
        outcome_rules.outcome,
        scoring_rules.rule_id,
        scoring_rules.score_name,
        rule_changes.change,
        case when outcomes.is_wanted then what_if_aucs.auc_change else -what_if_aucs.auc_change end as auc_change,
        what_if_aucs.auc_change_se,
        case when outcomes.is_wanted then what_if_aucs.unseen_change else -what_if_aucs.unseen_change end
            as unseen_change,
        what_if_aucs.unseen_se
    from outcome_rules
    inner join outcomes
        on outcome_rules.outcome = outcomes.outcome
    inner join scoring_rules
        on outcome_rules.rule_number = scoring_rules.rule_number
    cross join rule_changes
    left join enough_outcomes
        on
            outcome_rules.outcome = enough_outcomes.outcome
            and scoring_rules.score_number = enough_outcomes.score_number
    left join what_if_aucs
        on
            enough_outcomes.outcome = what_if_aucs.outcome
            and outcome_rules.rule_number = what_if_aucs.rule_number
            and rule_changes.change_number = what_if_aucs.change_number

),

rule_what_ifs as (

    select
        *,
        coalesce(
            auc_change > {{ z() }} * auc_change_se and unseen_change > {{ z() }} * unseen_se, false
        ) as is_suggested,
        {{ as_of() }} as as_of
    from joined

)

select * from rule_what_ifs
