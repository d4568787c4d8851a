{{ config(materialized='table') }}

with

user_agents as (

    select distinct user_agent from {{ ref('event_log') }}
    where user_agent is not null

),

patterns as (

    select * from {{ ref('stg_machine_user_agents') }}

),

machines as (

    select distinct user_agents.user_agent
    from user_agents
    inner join patterns
        on position({{ lower_case('patterns.pattern') }} in {{ lower_case('user_agents.user_agent') }}) > 0

)

select * from machines
