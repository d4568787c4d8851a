{{ config(
    materialized='incremental',
    incremental_strategy='append',
    full_refresh=false,
    on_schema_change='fail',
    pre_hook="{{ keep_preceding_build(this) }}",
) }}

with

newest_build as (

    select max(as_of) as as_of from {{ ref('history_builds') }}

),

-- empty when an older as-of is built again
scored_rules as (

    select scored_rules.*
    from {{ ref('scored_rules') }} as scored_rules
    inner join newest_build
        on newest_build.as_of = {{ as_of() }}

),

rule_weights as (

    select * from {{ ref('rule_weights') }}
    where counts_for_band

),

rule_matches as (

    select * from {{ ref('rule_matches') }}

),

actors as (

    select * from {{ ref('actors') }}

),

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

-- the hook has left no other
preceding_build as (

    {% if is_incremental() %}
    select max(as_of) as as_of from {{ this }}
    {% else %}
    select cast(null as {{ dbt.type_timestamp() }}) as as_of
    {% endif %}

),

-- rows that have left the window since the preceding build are still compared
last_ages as (

    select
        rule_weights.rule_number,
        max(rule_weights.age) + coalesce(max({{ half_days_old('preceding_build.as_of') }}), 0) as last_age
    from rule_weights
    cross join preceding_build
    group by rule_weights.rule_number

),

matched as (

    select
        rule_matches.rule_number,
        rule_matches.row_key,
        rule_matches.event_key,
        contact_survivors.actor_key as contact_key,
        rule_matches.age,
        rule_matches.is_countable,
        rule_weights.points
    from rule_matches
    inner join last_ages
        on rule_matches.rule_number = last_ages.rule_number and rule_matches.age <= last_ages.last_age
    left join rule_weights
        on rule_matches.rule_number = rule_weights.rule_number and rule_matches.age = rule_weights.age
    left join actors
        on rule_matches.owner_key = actors.actor_key
    left join contact_survivors
        on actors.contact = contact_survivors.contact

),

-- a rule that matches nothing has a row as well
scored_rows as (

    select
        {{ as_of() }} as as_of,
        '{{ read_under() }}' as read_under,
        scored_rules.rule_key,
        scored_rules.rule_id,
        scored_rules.score_name,
        scored_rules.min_times,
        scored_rules.max_points,
        scored_rules.match_key,
        scored_rules.machine_key,
        matched.row_key,
        matched.event_key,
        matched.contact_key,
        matched.age,
        matched.is_countable,
        matched.points
    from scored_rules
    left join matched
        on scored_rules.rule_number = matched.rule_number

)

select * from scored_rows
