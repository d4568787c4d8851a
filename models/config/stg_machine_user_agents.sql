-- only patterns without a mistake come this far, so the last good ones stay when an edit is wrong
-- depends_on: {{ ref('config_errors') }}

with

source as (

    {{ config_rows('machine_user_agents') }}

),

typed as (

    select
        pattern,
        description

    from source

)

select * from typed
