{{ config(schema='marts') }}

with

outcome_rules as (

    select * from {{ ref('outcome_rules') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

-- without the rule: its points times 0
without_rule as (

    select what_if_aucs.*
    from {{ ref('what_if_aucs') }} as what_if_aucs
    inner join {{ ref('rule_changes') }} as rule_changes
        on what_if_aucs.change_number = rule_changes.change_number and rule_changes.factor = 0

),

-- with all rules, in the window of the bands
aucs as (

    select
        window_aucs.outcome,
        window_aucs.score_number,
        window_aucs.auc,
        window_aucs.direction
    from {{ ref('window_aucs') }} as window_aucs
    inner join {{ ref('band_windows') }} as band_windows
        on
            window_aucs.score_number = band_windows.score_number
            and window_aucs.window_days = band_windows.window_days
    where window_aucs.population = 'all'

),

rate_ratios as (

    select * from {{ ref('rule_rate_ratios') }}

),

evaluated_counts as (

    select * from {{ ref('evaluated_counts') }}
    where population = 'all'

),

joined as (

    select
        outcome_rules.outcome,
        scoring_rules.rule_id,
        scoring_rules.score_name,
        outcome_rules.is_outcome,
        evaluated_counts.has_figures,
        evaluated_counts.contacts_with_outcome,
        rate_ratios.coverage,
        rate_ratios.exposed_contacts_with_outcome,
        rate_ratios.size / nullif(
            sum(rate_ratios.size) over (partition by outcome_rules.outcome, scoring_rules.score_name), 0
        ) as share_of_points,
        rate_ratios.rate_ratio,
        rate_ratios.log_error,
        aucs.auc + without_rule.auc_change as auc_without,
        -aucs.direction * without_rule.auc_change as auc_change,
        without_rule.auc_change_se
    from outcome_rules
    inner join scoring_rules
        on outcome_rules.rule_number = scoring_rules.rule_number
    inner join evaluated_counts
        on
            outcome_rules.outcome = evaluated_counts.outcome
            and scoring_rules.score_number = evaluated_counts.score_number
    left join aucs
        on outcome_rules.outcome = aucs.outcome and scoring_rules.score_number = aucs.score_number
    left join without_rule
        on outcome_rules.outcome = without_rule.outcome and outcome_rules.rule_number = without_rule.rule_number
    left join rate_ratios
        on
            evaluated_counts.ranking_number = rate_ratios.ranking_number
            and outcome_rules.rule_number = rate_ratios.rule_number

),

rule_evidence as (

    select
        outcome,
        rule_id,
        score_name,
        cast(coverage as bigint) as coverage,
        cast(contacts_with_outcome as bigint) as contacts_with_outcome,
        case when has_figures then share_of_points end as share_of_points,
        case when has_figures then rate_ratio end as rate_ratio,
        case when has_figures then rate_ratio * exp(-{{ z() }} * log_error) end as rate_ratio_low,
        case when has_figures then rate_ratio * exp({{ z() }} * log_error) end as rate_ratio_high,
        case when has_figures then auc_without end as auc_without,
        case when has_figures then auc_change end as auc_change,
        case when has_figures then auc_change_se end as auc_change_se,
        case
            when is_outcome then 'is the outcome'
            when not has_figures then 'too few outcomes'
            when coverage = 0 then 'never earned'
            when exposed_contacts_with_outcome < {{ fewest_contacts_of_rule() }} then 'too few outcomes'
            when auc_change > {{ z() }} * auc_change_se then 'carries'
            when auc_change < -{{ z() }} * auc_change_se then 'harms'
            else 'no evidence'
        end as verdict,
        {{ as_of() }} as as_of
    from joined

)

select * from rule_evidence
