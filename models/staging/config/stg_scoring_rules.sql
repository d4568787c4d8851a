-- only rules without a mistake come this far, so the last good ones stay when an edit is wrong
-- depends_on: {{ ref('config_errors') }}

with

source as (

    select * from {{ ref('scoring_rules') }}

),

typed as (

    select
        -- ids
        {{ text_or_null('rule_id') }} as rule_id,
        coalesce({{ text_or_null('score_name') }}, 'engagement') as score_name,

        -- what it looks at
        {{ text_or_null('event_type') }} as event_type,
        {{ text_or_null('match_field') }} as match_field,
        {{ text_or_null('match_operator') }} as match_operator,
        {{ text_or_null('match_value') }} as match_value,
        {{ is_true('counts_repeats') }} as counts_repeats,
        {{ timestamp_from_text(text_or_null('valid_from')) }} as valid_from,
        {{ timestamp_from_text(text_or_null('valid_to')) }} as valid_to,

        -- what it gives
        {{ number_from_text('points') }} as points,
        {{ number_from_text('max_points') }} as max_points,
        {{ number_from_text('expires_after_days') }} as expires_after_days,
        {{ number_from_text('half_life_days') }} as half_life_days,

        -- text
        {{ text_or_null('description') }} as description

    from source

)

select * from typed
