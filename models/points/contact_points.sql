with

period_counts as (

    select
        *,
        {{ age_in_days('period_start') }} as age_days
    from {{ ref('period_counts') }}
    -- the counts of the last complete build may reach further
    where {{ is_in_longest_window('period_start') }} and times_matched > 0

),

actors as (

    select * from {{ ref('actors') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

-- a period is in every window that is at least as long as the period is old
weighed as (

    select
        actors.contact_id,
        scoring_rules.score_name,
        scoring_rules.rule_id,
        period_counts.times_matched,
        period_counts.last_occurred_at,
        cast(ceil(period_counts.age_days) as integer) as from_window,
        {{ decayed_points('scoring_rules.points', 'scoring_rules.half_life_days', 'period_counts.age_days') }} as points
    from period_counts
    inner join actors
        on
            period_counts.actor_type = actors.actor_type
            and period_counts.actor = actors.actor
    inner join scoring_rules
        on period_counts.rule_id = scoring_rules.rule_id
    where not {{ is_expired('scoring_rules.expires_after_days', 'period_counts.age_days') }}

),

contact_points as (

    select
        score_name,
        contact_id,
        rule_id,
        from_window,
        sum(times_matched) as times_earned,
        cast(sum(times_matched * points) as decimal(38, 6)) as points,
        max(last_occurred_at) as last_earned_at
    from weighed
    group by score_name, contact_id, rule_id, from_window

)

select * from contact_points
