-- depends_on: {{ ref('read_events') }} {{ ref('event_marks') }} {{ ref('stg_scoring_rules') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    on_schema_change='fail',
    pre_hook=[
        "{{ forget_fingerprint('scoring_rules', scoring_rules_fingerprint()) }}",
        "{{ forget_stale_periods(this) }}",
    ],
) }}

with

rule_matches as (

    select * from {{ ref('rule_matches') }}
    where {{ is_in_periods(stale_periods()) }}

),

-- a machine's engagement, or a repeat, shows only that the rule still matches something
period_counts as (

    select
        actor_type,
        actor,
        rule_id,
        period_start,
        cast(sum(case when is_countable then 1 else 0 end) as bigint) as times_matched,
        max(case when is_countable then occurred_at end) as last_occurred_at,
        max(occurred_at) as last_matched_at
    from rule_matches
    group by actor_type, actor, rule_id, period_start

)

select * from period_counts
