{{ config(materialized='table') }}

with

rule_counts as (

    select * from {{ ref('rule_counts') }}
    where contact is not null and times_matched > 0

),

rule_weights as (

    select * from {{ ref('rule_weights') }}
    where not is_expired

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

bands as (

    select distinct
        score_name,
        window_days
    from {{ ref('stg_score_bands') }}

),

periods as (

    {{ dbt.generate_series(forecast_periods()) }}

),

-- the oldest age, in half days, at which an engagement still counts in the window of the bands
last_ages as (

    select
        scoring_rules.score_number,
        scoring_rules.rule_number,
        scoring_rules.min_times,
        scoring_rules.max_points,
        scoring_rules.half_life_days,
        max(rule_weights.age) as last_age
    from scoring_rules
    inner join bands
        on scoring_rules.score_name = bands.score_name
    inner join rule_weights
        on scoring_rules.rule_number = rule_weights.rule_number and bands.window_days >= rule_weights.from_window
    group by
        scoring_rules.score_number, scoring_rules.rule_number, scoring_rules.min_times, scoring_rules.max_points,
        scoring_rules.half_life_days

),

-- stays: for how many more periods they count
counts as (

    select
        rule_counts.contact,
        rule_counts.rule_number,
        rule_counts.age,
        rule_counts.times_matched,
        last_ages.half_life_days,
        last_ages.last_age - rule_counts.age as stays
    from rule_counts
    inner join last_ages
        on rule_counts.rule_number = last_ages.rule_number
    where rule_counts.age <= last_ages.last_age

),

-- a rule without decay gives something else only when an engagement leaves
moments as (

    select distinct
        contact,
        rule_number,
        0 as periods_ahead
    from counts

    union

    select distinct
        contact,
        rule_number,
        stays + 1 as periods_ahead
    from counts
    where stays < {{ forecast_periods() }}

    union

    select
        counts.contact,
        counts.rule_number,
        cast(periods.generated_number as integer) as periods_ahead
    from counts
    cross join periods
    where counts.half_life_days is not null

),

sums as (

    select
        moments.contact,
        moments.rule_number,
        moments.periods_ahead,
        coalesce(sum(counts.times_matched), 0) as times_earned,
        coalesce(sum(counts.times_matched * rule_weights.points), 0) as points
    from moments
    left join counts
        on
            moments.contact = counts.contact
            and moments.rule_number = counts.rule_number
            and moments.periods_ahead <= counts.stays
    left join rule_weights
        on
            counts.rule_number = rule_weights.rule_number
            and counts.age + moments.periods_ahead = rule_weights.age
    group by moments.contact, moments.rule_number, moments.periods_ahead

),

driver_forecasts as (

    select
        sums.contact,
        last_ages.score_number,
        sums.rule_number,
        sums.periods_ahead,
        {{ driver_points('sums.times_earned', 'sums.points', 'last_ages.min_times', 'last_ages.max_points') }} as points
    from sums
    inner join last_ages
        on sums.rule_number = last_ages.rule_number

)

select * from driver_forecasts
