{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='append_new_columns',
    pre_hook="{{ forget_builds(this) }}",
) }}

with

this_build as (

    select
        {{ as_of() }} as as_of,
        {{ 'true' if is_demo() else 'false' }} as is_demo

),

history_builds as (

    select * from this_build
    {% if is_incremental() %}
    where
        not exists (
            select 1
            from {{ this }} as newer
            where newer.as_of > this_build.as_of
        )
    {% endif %}

)

select * from history_builds
