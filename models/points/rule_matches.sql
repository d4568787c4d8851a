with

engagements as (

    select * from {{ ref('engagements') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

rule_matches as (

    select
        engagements.source,
        engagements.event_id,
        engagements.event_type,
        engagements.actor_type,
        engagements.actor,
        engagements.occurred_at,
        engagements.message_id,
        engagements.campaign_id,
        engagements.link_url,
        engagements.page_url,
        engagements.detail,
        engagements.is_repeat,
        engagements.machine_reason,
        scoring_rules.rule_id,
        engagements.period_start,
        engagements.machine_reason is null
        and (scoring_rules.counts_repeats or not engagements.is_repeat) as is_countable
    from engagements
    inner join scoring_rules
        on {{ is_match('engagements', 'scoring_rules') }}
    where {{ is_in_longest_window('engagements.occurred_at') }}

)

select * from rule_matches
