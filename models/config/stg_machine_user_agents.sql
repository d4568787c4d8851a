-- built only if config_errors found no mistake, so a wrong edit leaves the last good patterns in place
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
