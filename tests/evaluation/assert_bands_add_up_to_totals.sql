{{ config(tags=['evaluation']) }}

-- The bands hold all rows, all outcomes and all expected outcomes: of today's rules, and as it was said.
with

panels as (

    select
        panel,
        outcome,
        score_name,
        count(*) as panel_rows,
        sum(y) as outcomes
    from {{ ref('banded_rows') }}
    group by panel, outcome, score_name

),

bands as (

    {% for panel, mart in [('by_rules', 'band_performance'), ('as_said', 'said_performance')] %}
    select
        '{{ panel }}' as panel,
        outcome,
        score_name,
        {{ adapter.quote('rows') }},
        outcomes,
        expected,
        share_of_outcomes
    from {{ ref(mart) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

totals as (

    select
        panel,
        outcome,
        score_name,
        sum({{ adapter.quote('rows') }}) as panel_rows,
        sum(outcomes) as outcomes,
        sum(expected) as expected,
        sum(share_of_outcomes) as share_of_outcomes
    from bands
    group by panel, outcome, score_name

)

select
    totals.*,
    panels.panel_rows as rows_of_panel,
    panels.outcomes as outcomes_of_panel
from totals
left join panels
    on
        totals.panel = panels.panel
        and totals.outcome = panels.outcome
        and totals.score_name = panels.score_name
where
    totals.panel_rows <> coalesce(panels.panel_rows, 0)
    or totals.outcomes <> coalesce(panels.outcomes, 0)
    or abs(totals.expected - totals.outcomes) > 0.000001 * totals.outcomes
    or abs(totals.share_of_outcomes - 1) > 0.000001
