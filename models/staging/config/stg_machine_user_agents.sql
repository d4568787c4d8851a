-- only patterns without a mistake come this far, so the last good ones stay when an edit is wrong
-- depends_on: {{ ref('config_errors') }}

with

source as (

    select * from {{ ref('machine_user_agents') }}

),

typed as (

    select
        {{ text_or_null('pattern') }} as pattern,
        {{ text_or_null('description') }} as description

    from source

)

select * from typed
