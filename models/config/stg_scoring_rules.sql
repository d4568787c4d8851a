-- built only if config_errors found no mistake, so a wrong edit leaves the last good rules in place
-- depends_on: {{ ref('config_errors') }}

with

source as (

    {{ config_rows('scoring_rules') }}

),

conditions as (

    select
        *,
        row_number() over (partition by rule_id order by match_field, match_operator, match_value) as number
    from ({{ config_rows('scoring_rule_conditions') }}) as config_rows

),

further_conditions as (

    select
        {% for number in range(1, most_conditions() + 1) %}
        max(case when number = {{ number }} then match_field end) as match_field_{{ number }},
        max(case when number = {{ number }} then match_operator end) as match_operator_{{ number }},
        max(case when number = {{ number }} then match_value end) as match_value_{{ number }},
        {% endfor %}
        rule_id
    from conditions
    group by rule_id

),

with_conditions as (

    select
        {% for number in range(1, most_conditions() + 1) %}
        further_conditions.match_field_{{ number }},
        further_conditions.match_operator_{{ number }},
        further_conditions.match_value_{{ number }},
        {% endfor %}
        source.*
    from source
    left join further_conditions
        on source.rule_id = further_conditions.rule_id

),

typed as (

    select
        -- ids
        rule_id,
        coalesce(score_name, 'engagement') as score_name,

        -- which engagements it matches
        event_type,
        match_field,
        match_operator,
        match_value,
        {% for number in range(1, most_conditions() + 1) %}
        match_field_{{ number }},
        match_operator_{{ number }},
        match_value_{{ number }},
        {% endfor %}
        {{ is_true('counts_repeats') }} as counts_repeats,
        {{ timestamp_from_text('valid_from') }} as valid_from,
        {{ timestamp_from_text('valid_to') }} as valid_to,

        -- what they earn
        {{ number_from_text('points') }} as points,
        {{ number_from_text('max_points') }} as max_points,
        cast(coalesce({{ number_from_text('min_times') }}, 1) as integer) as min_times,
        {{ number_from_text('expires_after_days') }} as expires_after_days,
        {{ number_from_text('half_life_days') }} as half_life_days,

        -- text
        description,

        -- numbers that are valid for one build
        cast(row_number() over (order by rule_id) as integer) as rule_number,
        cast(dense_rank() over (order by coalesce(score_name, 'engagement')) as integer) as score_number

    from with_conditions

)

select * from typed
