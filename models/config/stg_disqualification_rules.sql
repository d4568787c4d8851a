-- built only if config_errors found no mistake, so a wrong edit leaves the last good rules in place
-- depends_on: {{ ref('config_errors') }}

with

source as (

    {{ config_rows('disqualification_rules') }}

),

typed as (

    select
        event_type,
        cast({{ number_from_text('min_occurrences') }} as integer) as min_occurrences,
        applies_to,
        cleared_by,
        description

    from source

)

select * from typed
