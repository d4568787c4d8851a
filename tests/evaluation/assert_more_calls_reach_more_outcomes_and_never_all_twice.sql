{{ config(tags=['evaluation']) }}

-- More calls reach at least as many outcomes, from a score that is no higher, and no calls reach more than all.
select
    fewer.outcome,
    fewer.score_name,
    fewer.calls,
    more.calls as more_calls
from {{ ref('capacity_thresholds') }} as fewer
inner join {{ ref('capacity_thresholds') }} as more
    on
        fewer.outcome = more.outcome
        and fewer.score_name = more.score_name
        and fewer.calls <= more.calls
where
    more.captured < fewer.captured - 0.000000001
    or more.captured > 1.000000001
    or more.min_score > fewer.min_score
    or more.{{ adapter.quote('precision') }} > 1.000000001
