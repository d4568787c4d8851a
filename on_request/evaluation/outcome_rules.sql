with

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

-- a rule's own filter and its further conditions
rule_filters as (

    select
        rule_number,
        match_field,
        match_operator,
        match_value
    from scoring_rules
    where match_field is not null

    {% for number in range(1, most_conditions() + 1) %}
    union all

    select
        rule_number,
        match_field_{{ number }} as match_field,
        match_operator_{{ number }} as match_operator,
        match_value_{{ number }} as match_value
    from scoring_rules
    where match_field_{{ number }} is not null
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
