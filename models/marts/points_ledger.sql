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

with_contacts as (

    select
        rule_matches.*,
        actors.contact_id,
        scoring_rules.score_name,
        {{ decayed_points('scoring_rules.points', 'scoring_rules.half_life_days', 'rule_matches.age_days') }} as points,
        rule_matches.is_countable
        and actors.contact_id is not null
        and not {{ is_expired('scoring_rules.expires_after_days', 'rule_matches.age_days') }} as earns
    from rule_matches
    inner join scoring_rules
        on rule_matches.rule_id = scoring_rules.rule_id
    left join actors
        on
            rule_matches.actor_type = actors.actor_type
            and rule_matches.actor = actors.actor

),

points_ledger as (

    select
        event_id,
        source,
        occurred_at,
        contact_id,
        rule_id,
        score_name,
        case when earns then points else 0 end as points,
        is_repeat,
        machine_reason,
        earns,
        {{ as_of() }} as as_of
    from with_contacts

)

select * from points_ledger
