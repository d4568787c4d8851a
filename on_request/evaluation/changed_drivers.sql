with

rule_counts as (

    select * from {{ ref('past_rule_counts') }}
    where counts_for <> 'with_machines'

),

periods as (

    select * from {{ ref('past_periods') }}

),

rule_weights as (

    select * from {{ ref('rule_weights') }}
    where not is_expired

),

scoring_rules as (

    select
        *,
        {{ cents(rounded_points('max_points')) }} as max_cents
    from {{ ref('stg_scoring_rules') }}

),

band_windows as (

    select * from {{ ref('band_windows') }}

),

rule_changes as (

    select
        *,
        {{ cents('max_points') }} as max_cents
    from {{ ref('rule_changes') }}

),

-- decayed points are rounded: twice as many are not always twice the rounded ones
{% set age_days = 'cast(rule_weights.age as decimal(18, 1)) / 2' %}
weights as (

    select
        rule_weights.rule_number,
        rule_weights.age,
        rule_weights.points,
        {{ decayed_points('0.5 * scoring_rules.points', 'scoring_rules.half_life_days', age_days) }} as half_points,
        {{ decayed_points('2 * scoring_rules.points', 'scoring_rules.half_life_days', age_days) }} as double_points,
        {{ decayed_points('4 * scoring_rules.points', 'scoring_rules.half_life_days', age_days) }} as quadruple_points
    from rule_weights
    inner join scoring_rules
        on rule_weights.rule_number = scoring_rules.rule_number
    inner join band_windows
        on
            scoring_rules.score_number = band_windows.score_number
            and rule_weights.from_window <= band_windows.window_days

),

-- what the rule gave in the window of the bands, before caps
totals as (

    select
        periods.past_as_of,
        rule_counts.contact,
        rule_counts.rule_number,
        {% for points in ['points', 'half_points', 'double_points', 'quadruple_points'] %}
        {{ cents(rounded_points('sum(rule_counts.times * weights.' ~ points ~ ')')) }}
            as {{ points | replace('points', 'cents') }},
        {% endfor %}
        sum(rule_counts.times) as times_earned
    from rule_counts
    inner join periods
        on {{ is_of_period('rule_counts', 'periods') }}
    inner join weights
        on rule_counts.rule_number = weights.rule_number and periods.age = weights.age
    group by periods.past_as_of, rule_counts.contact, rule_counts.rule_number

),

changed as (

    select
        totals.past_as_of,
        totals.contact,
        totals.rule_number,
        rule_changes.change_number,
        totals.cents,
        case rule_changes.factor
            when 0 then 0
            when 0.5 then totals.half_cents
            when 1 then totals.cents
            when 2 then totals.double_cents
            when 4 then totals.quadruple_cents
        end as changed_cents,
        scoring_rules.max_cents,
        coalesce(rule_changes.max_cents, scoring_rules.max_cents) as changed_max_cents
    from totals
    inner join scoring_rules
        on totals.rule_number = scoring_rules.rule_number
    cross join rule_changes
    where totals.times_earned >= scoring_rules.min_times

),

changed_drivers as (

    select
        past_as_of,
        contact,
        rule_number,
        change_number,
        -- rounded first and capped then, which is the same: a rounded cap is no less than what was below the cap
        {{ capped('changed_cents', 'changed_max_cents') }} - {{ capped('cents', 'max_cents') }} as cents_change
    from changed

)

select * from changed_drivers
where cents_change <> 0
