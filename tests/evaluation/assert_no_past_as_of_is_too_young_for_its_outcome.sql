{{ config(tags=['evaluation']) }}

select
    outcome_as_ofs.outcome,
    outcome_as_ofs.past_as_of
from {{ ref('outcome_as_ofs') }} as outcome_as_ofs
inner join {{ ref('stg_outcomes') }} as outcomes
    on outcome_as_ofs.outcome = outcomes.outcome
where
    outcome_as_ofs.past_as_of <> {{ dbt.date_trunc('day', 'outcome_as_ofs.past_as_of') }}
    or cast(outcome_as_ofs.past_as_of as date) + outcomes.horizon_days + {{ var('evaluation_settle_days') }}
    > cast({{ as_of() }} as date)
