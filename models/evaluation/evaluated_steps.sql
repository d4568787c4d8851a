with

outcome_rows as (

    select * from {{ ref('outcome_rows') }}

),

past_driver_steps as (

    select * from {{ ref('past_driver_steps') }}

),

outcome_rules as (

    select * from {{ ref('outcome_rules') }}
    where not is_outcome

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

score_numbers as (

    select distinct score_number from scoring_rules

),

machines as (

    select false as with_machines
    union all
    select true as with_machines

),

-- in cents: sums of whole numbers are exact and fast. Each row begins with 0 points: its steps cover all windows.
changes as (

    select
        outcome_rules.outcome,
        scoring_rules.score_number,
        past_driver_steps.with_machines,
        past_driver_steps.past_as_of,
        past_driver_steps.contact,
        past_driver_steps.from_window,
        cast(past_driver_steps.points_change * 100 as bigint) as cents
    from past_driver_steps
    inner join scoring_rules
        on past_driver_steps.rule_number = scoring_rules.rule_number
    inner join outcome_rules
        on past_driver_steps.rule_number = outcome_rules.rule_number

    union all

    select
        outcome_rows.outcome,
        score_numbers.score_number,
        machines.with_machines,
        outcome_rows.past_as_of,
        outcome_rows.contact,
        1 as from_window,
        cast(0 as bigint) as cents
    from outcome_rows
    cross join score_numbers
    cross join machines

),

summed as (

    select
        outcome,
        score_number,
        with_machines,
        past_as_of,
        contact,
        from_window,
        sum(cents) as cents
    from changes
    group by outcome, score_number, with_machines, past_as_of, contact, from_window

),

evaluated_steps as (

    select
        summed.outcome,
        summed.score_number,
        summed.with_machines,
        summed.past_as_of,
        summed.contact,
        outcome_rows.y,
        summed.from_window,
        coalesce(lead(summed.from_window) over steps_of_row - 1, 90) as to_window,
        cast(sum(summed.cents) over steps_of_row as bigint) as cents
    from summed
    inner join outcome_rows
        on
            summed.outcome = outcome_rows.outcome
            and summed.past_as_of = outcome_rows.past_as_of
            and summed.contact = outcome_rows.contact
    window steps_of_row as (
        partition by
            summed.outcome, summed.score_number, summed.with_machines, summed.past_as_of, summed.contact
        order by summed.from_window
    )

)

select * from evaluated_steps
