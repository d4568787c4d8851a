{{ config(tags=['evaluation']) }}

-- The bands hold all rows, all outcomes and all expected outcomes: of today's rules, and as it was said.
with

panel as (

    select
        is_said,
        outcome,
        score_name,
        count(*) as panel_rows,
        sum(y) as outcomes
    from {{ ref('banded_rows') }}
    group by is_said, outcome, score_name

),

bands as (

    select
        false as is_said,
        band_performance.*
    from {{ ref('band_performance') }} as band_performance

    union all

    select
        true as is_said,
        said_performance.*
    from {{ ref('said_performance') }} as said_performance

),

totals as (

    select
        is_said,
        outcome,
        score_name,
        sum({{ adapter.quote('rows') }}) as panel_rows,
        sum(outcomes) as outcomes,
        sum(expected) as expected,
        sum(share_of_outcomes) as share_of_outcomes
    from bands
    group by is_said, outcome, score_name

)

select
    totals.*,
    panel.panel_rows as rows_of_panel,
    panel.outcomes as outcomes_of_panel
from totals
left join panel
    on
        totals.is_said = panel.is_said
        and totals.outcome = panel.outcome
        and totals.score_name = panel.score_name
where
    totals.panel_rows <> coalesce(panel.panel_rows, 0)
    or totals.outcomes <> coalesce(panel.outcomes, 0)
    or abs(totals.expected - totals.outcomes) > 0.000001 * totals.outcomes
    or abs(totals.share_of_outcomes - 1) > 0.000001
