-- only rules without a mistake come this far, so the last good ones stay when an edit is wrong
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
