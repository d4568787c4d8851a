with

newest_build as (

    select max(as_of) as as_of from {{ ref('history_builds') }}

),

-- nothing is compared when an older as-of is built again
preceding_build as (

    select max(scored_rows.as_of) as as_of
    from {{ ref('scored_rows') }} as scored_rows
    inner join newest_build
        on newest_build.as_of = {{ as_of() }}
    where scored_rows.as_of < {{ as_of() }}

),

rules_before as (

    select distinct
        scored_rows.rule_key,
        scored_rows.rule_id,
        scored_rows.score_name,
        scored_rows.min_times,
        scored_rows.max_points,
        scored_rows.match_key,
        scored_rows.machine_key
    from {{ ref('scored_rows') }} as scored_rows
    inner join preceding_build
        on scored_rows.as_of = preceding_build.as_of

),

rules_now as (

    select * from {{ ref('scored_rules') }}

),

compared_rules as (

    select
        preceding_build.as_of as preceding_as_of,
        {{ half_days_old('preceding_build.as_of') }} as half_days,
        rules_now.rule_number,
        coalesce(rules_now.rule_key, rules_before.rule_key) as rule_key,
        coalesce(rules_now.rule_id, rules_before.rule_id) as rule_id,
        coalesce(rules_now.score_name, rules_before.score_name) as score_name,
        rules_before.min_times as min_times_before,
        rules_before.max_points as max_points_before,
        rules_now.min_times,
        rules_now.max_points,
        coalesce(rules_before.match_key <> rules_now.match_key, true) as is_edited,
        coalesce(rules_before.machine_key <> rules_now.machine_key, false) as has_other_machines
    from rules_before
    full outer join rules_now
        on rules_before.rule_key = rules_now.rule_key
    cross join preceding_build
    where preceding_build.as_of is not null

)

select * from compared_rules
