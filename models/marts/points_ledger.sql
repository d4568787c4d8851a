with

rule_matches as (

    select
        *,
        {{ age_in_days('period_start') }} as age_days
    from {{ ref('rule_matches') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

actors as (

    select * from {{ ref('actors') }}

),

visitor_consents as (

    select * from {{ ref('visitor_consents') }}

),

judged as (

    select
        rule_matches.*,
        actors.contact_id,
        scoring_rules.score_name,
        {{ decayed_points('scoring_rules.points', 'scoring_rules.half_life_days', 'rule_matches.age_days') }} as points,
        case
            when rule_matches.machine_reason is not null then 'machine'
            when not rule_matches.is_countable then 'repeat'
            when rule_matches.actor_type = 'visitor' and not {{ is_consented('visitor_consents.is_granted') }}
                then 'no_consent'
            when {{ is_expired('scoring_rules.expires_after_days', 'rule_matches.age_days') }} then 'expired'
            when actors.contact_id is null then 'no_contact'
        end as unearned_reason
    from rule_matches
    inner join scoring_rules
        on rule_matches.rule_id = scoring_rules.rule_id
    left join actors
        on
            rule_matches.actor_type = actors.actor_type
            and rule_matches.actor = actors.actor
    left join visitor_consents
        on
            rule_matches.actor_type = visitor_consents.actor_type
            and rule_matches.actor = visitor_consents.actor

),

points_ledger as (

    select
        event_id,
        source,
        event_type,
        occurred_at,
        contact_id,
        rule_id,
        score_name,
        cast(case when unearned_reason is null then points else 0 end as decimal(18, 6)) as points,
        is_repeat,
        machine_reason,
        unearned_reason is null as earns,
        unearned_reason,
        message_id,
        campaign_id,
        link_url,
        page_url,
        detail,
        {{ as_of() }} as as_of
    from judged

)

select * from points_ledger
