{{ config(tags=['evaluation']) }}

-- Where no rule has a half-life, trying none changes nothing: the figures are those of the 90-day score.
with

scores_without as (

    select score_name from {{ ref('stg_scoring_rules') }}
    group by score_name
    having count(half_life_days) = 0

)

select
    half_life_performance.outcome,
    half_life_performance.score_name,
    half_life_performance.auc,
    half_life_performance.auc_se,
    score_performance.auc as auc_90d,
    score_performance.auc_se as auc_se_90d
from {{ ref('half_life_performance') }} as half_life_performance
inner join scores_without
    on half_life_performance.score_name = scores_without.score_name
inner join {{ ref('score_performance') }} as score_performance
    on
        half_life_performance.outcome = score_performance.outcome
        and half_life_performance.score_name = score_performance.score_name
where
    half_life_performance.half_life_days is null
    and score_performance.population = 'all'
    and score_performance.window_days = 90
    and (
        abs(half_life_performance.auc - score_performance.auc) > 0.000000001
        or abs(half_life_performance.auc_se - score_performance.auc_se) > 0.000000001
        or half_life_performance.difference_to_none <> 0
    )
