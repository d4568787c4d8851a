-- depends_on: {{ ref('erased_rows') }}
-- keys instead of texts: it is read twice, and to match again costs as much as to write it
{{ config(materialized='table') }}

with

engagements as (

    select * from {{ ref('engagements') }}
    where {{ is_in_longest_window('occurred_at') }}

),

repeats as (

    select * from {{ ref('repeats') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

rule_matches as (

    select
        engagements.row_key,
        engagements.event_key,
        engagements.owner_key,
        engagements.occurred_at,
        scoring_rules.rule_number,
        {{ half_days_old('engagements.occurred_at') }} as age,
        repeats.row_key is not null as is_repeat,
        engagements.machine_reason is null
        and (scoring_rules.counts_repeats or repeats.row_key is null) as is_countable
    from engagements
    left join repeats
        on {{ is_same_row('engagements', 'repeats') }}
    inner join scoring_rules
        on {{ is_match('engagements', 'scoring_rules') }}

)

select * from rule_matches
