{{ config(schema='marts') }}

with

window_aucs as (

    select * from {{ ref('window_aucs') }}

),

window_errors as (

    select * from {{ ref('window_errors') }}

),

evaluated_counts as (

    select * from {{ ref('evaluated_counts') }}

),

score_names as (

    select distinct
        score_number,
        score_name
    from {{ ref('stg_scoring_rules') }}

),

figures as (

    select
        evaluated_counts.*,
        score_names.score_name,
        window_aucs.window_days,
        window_aucs.direction,
        case when evaluated_counts.has_figures then window_aucs.auc end as auc,
        case when evaluated_counts.has_figures then window_errors.deviation / evaluated_counts.pairs end as auc_se,
        case when evaluated_counts.has_best then window_aucs.direction * (best.auc - window_aucs.auc) end
            as difference_to_best,
        case when evaluated_counts.has_best then window_errors.deviation_from_best / evaluated_counts.pairs end
            as difference_se
    from window_aucs
    inner join window_aucs as best
        on
            window_aucs.ranking_number = best.ranking_number
            and window_aucs.population = best.population
            and window_aucs.best_window = best.window_days
    inner join window_errors
        on
            window_aucs.ranking_number = window_errors.ranking_number
            and window_aucs.population = window_errors.population
            and window_aucs.window_days = window_errors.window_days
    inner join evaluated_counts
        on
            window_aucs.ranking_number = evaluated_counts.ranking_number
            and window_aucs.population = evaluated_counts.population
    inner join score_names
        on window_aucs.score_number = score_names.score_number

),

intervals as (

    select
        *,
        {{ auc_bound('auc', 'auc_se', '-') }} as auc_low,
        {{ auc_bound('auc', 'auc_se', '+') }} as auc_high
    from figures

),

score_performance as (

    select
        outcome,
        score_name,
        population,
        window_days,
        as_ofs,
        cast(contacts as bigint) as contacts,
        cast(contacts_with_outcome as bigint) as contacts_with_outcome,
        cast(panel_rows as bigint) as {{ adapter.quote('rows') }},
        cast(outcomes as bigint) as outcomes,
        cast(pairs as bigint) as pairs,
        auc,
        auc_se,
        auc_low,
        auc_high,
        difference_to_best,
        difference_se,
        difference_to_best <= {{ z() }} * difference_se as is_as_good_as_best,
        case
            when auc is null then 'too few outcomes'
            when 0.5 between auc_low and auc_high then 'no evidence'
            when direction * (auc - 0.5) > 0 then 'predicts'
            else 'misleads'
        end as verdict,
        {{ as_of() }} as as_of
    from intervals

)

select * from score_performance
