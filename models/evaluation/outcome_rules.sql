with

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

-- a rule's own filter and its further conditions
rule_filters as (

    {% for number in range(most_conditions() + 1) %}
    {% set suffix = '_' ~ number if number else '' %}
    select
        rule_number,
        match_field{{ suffix }} as match_field,
        match_operator{{ suffix }} as match_operator,
        match_value{{ suffix }} as match_value
    from scoring_rules
    where match_field{{ suffix }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

excluded as (

    select distinct
        outcomes.outcome,
        rule_filters.rule_number
    from outcomes
    inner join rule_filters
        on outcomes.match_field = rule_filters.match_field
    where
        {{ rules_out('outcomes', 'rule_filters') }}
        or {{ rules_out('rule_filters', 'outcomes') }}

),

outcome_rules as (

    select
        outcomes.outcome,
        scoring_rules.rule_number,
        outcomes.event_type = scoring_rules.event_type and excluded.outcome is null as is_outcome
    from outcomes
    cross join scoring_rules
    left join excluded
        on outcomes.outcome = excluded.outcome and scoring_rules.rule_number = excluded.rule_number

)

select * from outcome_rules
