with

rule_counts as (

    select * from {{ ref('past_rule_counts') }}

),

rule_weights as (

    select * from {{ ref('rule_weights') }}
    where not is_expired

),

periods as (

    select * from {{ ref('past_periods') }}

),

-- counted a second time only where a machine's engagements make a difference
with_machines as (

    select distinct
        contact,
        rule_number
    from rule_counts
    where counts_for <> 'both'

),

counts as (

    select
        rule_counts.*,
        false as with_machines,
        with_machines.contact is not null as has_machines
    from rule_counts
    left join with_machines
        on rule_counts.contact = with_machines.contact and rule_counts.rule_number = with_machines.rule_number
    where rule_counts.counts_for <> 'with_machines'

    union all

    select
        rule_counts.*,
        true as with_machines,
        true as has_machines
    from rule_counts
    inner join with_machines
        on rule_counts.contact = with_machines.contact and rule_counts.rule_number = with_machines.rule_number
    where rule_counts.counts_for <> 'as_scored'

),

past_points as (

    select
        periods.past_as_of,
        counts.contact,
        counts.rule_number,
        counts.with_machines,
        counts.has_machines,
        rule_weights.from_window,
        cast(sum(counts.times) as bigint) as times_earned,
        cast(sum(counts.times * rule_weights.points) as decimal(38, 6)) as points
    from counts
    inner join periods
        on {{ is_of_period('counts', 'periods') }}
    inner join rule_weights
        on counts.rule_number = rule_weights.rule_number and periods.age = rule_weights.age
    group by
        periods.past_as_of, counts.contact, counts.rule_number, counts.with_machines, counts.has_machines,
        rule_weights.from_window

)

select * from past_points
