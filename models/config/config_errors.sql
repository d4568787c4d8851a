{{ config(
    materialized='table',
    post_hook="{{ stop_on_config_errors(this) }}",
) }}

with

scoring_rule_errors as (

    select * from {{ ref('scoring_rule_errors') }}

),

disqualification_rule_errors as (

    select * from {{ ref('disqualification_rule_errors') }}

),

score_band_errors as (

    select * from {{ ref('score_band_errors') }}

),

machine_user_agents as (

    {{ config_rows('machine_user_agents') }}

),

config_errors as (

    select
        'scoring_rules.csv' as file,
        rule_name || ': ' || mistake as mistake
    from scoring_rule_errors

    union all

    select
        'disqualification_rules.csv' as file,
        rule_name || ': ' || mistake as mistake
    from disqualification_rule_errors

    union all

    select
        'score_bands.csv' as file,
        band_name || ': ' || mistake as mistake
    from score_band_errors

    {% for seed in config_columns() %}
    {% for column in loaded_columns(seed) if column not in config_columns()[seed] %}
    union all

    -- what is misspelt would be blank, and nobody would know
    select
        '{{ seed }}.csv' as file,
        'column {{ column }} is unknown: use {{ config_columns()[seed] | join(", ") }}' as mistake
    {% endfor %}
    {% for column in config_columns()[seed] if column not in loaded_columns(seed) %}
    union all

    -- what was lost with its column would be blank as well: every cap, say
    select
        '{{ seed }}.csv' as file,
        'column {{ column }} is missing: put it into the header; its cells may be empty' as mistake
    {% endfor %}
    {% endfor %}

    union all

    -- a blank pattern would be found in every user agent
    select
        'machine_user_agents.csv' as file,
        'row ' || coalesce(description, '(no description)')
        || ': pattern is blank: fill it in, or remove the row' as mistake
    from machine_user_agents
    where pattern is null

)

select * from config_errors
