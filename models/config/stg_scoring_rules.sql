-- built only if config_errors found no mistake, so a wrong edit leaves the last good rules in place
-- depends_on: {{ ref('config_errors') }}

with

source as (

    {{ config_rows('scoring_rules') }}

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
        {{ is_true('counts_repeats') }} as counts_repeats,
        {{ timestamp_from_text('valid_from') }} as valid_from,
        {{ timestamp_from_text('valid_to') }} as valid_to,

        -- what they earn
        {{ number_from_text('points') }} as points,
        {{ number_from_text('max_points') }} as max_points,
        {{ number_from_text('expires_after_days') }} as expires_after_days,
        {{ number_from_text('half_life_days') }} as half_life_days,

        -- text
        description,

        -- numbers that are valid for one build
        cast(row_number() over (order by rule_id) as integer) as rule_number,
        cast(dense_rank() over (order by coalesce(score_name, 'engagement')) as integer) as score_number

    from source

)

select * from typed
