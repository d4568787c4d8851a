-- only rules without a mistake come this far, so the last good ones stay when an edit is wrong
-- depends_on: {{ ref('config_errors') }}

with

source as (

    select * from {{ ref('disqualification_rules') }}

),

typed as (

    select
        {{ text_or_null('event_type') }} as event_type,
        cast({{ number_from_text('min_occurrences') }} as integer) as min_occurrences,
        {{ text_or_null('applies_to') }} as applies_to,
        {{ text_or_null('cleared_by') }} as cleared_by,
        {{ text_or_null('description') }} as description

    from source

)

select * from typed
