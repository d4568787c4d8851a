-- built only if config_errors found no mistake, so a wrong edit leaves the last good outcomes in place
-- depends_on: {{ ref('config_errors') }}

with

source as (

    {{ config_rows('outcomes') }}

),

typed as (

    select
        outcome,

        -- which engagements are the outcome
        event_type,
        match_field,
        match_operator,
        match_value,

        -- when it counts
        cast({{ number_from_text('horizon_days') }} as integer) as horizon_days,
        {{ is_true('repeats') }} as repeats,

        -- what it means
        {{ is_true('is_wanted') }} as is_wanted,
        description

    from source

)

select * from typed
