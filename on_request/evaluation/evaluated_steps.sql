with

outcome_rows as (

    select * from {{ ref('outcome_rows') }}

),

evaluated_lists as (

    select * from {{ ref('evaluated_lists') }}

),

past_steps as (

    select * from {{ ref('past_steps') }}

),

outcome_rules as (

    select * from {{ ref('outcome_rules') }}
    where not is_outcome

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

machine_contacts as (

    select distinct
        past_as_of,
        contact
    from past_steps
    where has_machines

),

-- a second version only where machines make a difference: in one row of a hundred
versions as (

    select
        outcome_rows.*,
        true as is_as_scored,
        machine_contacts.contact is null as is_with_machines
    from outcome_rows
    left join machine_contacts
        on
            outcome_rows.past_as_of = machine_contacts.past_as_of
            and outcome_rows.contact = machine_contacts.contact

    union all

    select
        outcome_rows.*,
        false as is_as_scored,
        true as is_with_machines
    from outcome_rows
    inner join machine_contacts
        on
            outcome_rows.past_as_of = machine_contacts.past_as_of
            and outcome_rows.contact = machine_contacts.contact

),

-- each row begins with 0 points: its steps cover all windows
changes as (

    select
        evaluated_lists.list_number,
        versions.contact,
        versions.y,
        versions.is_as_scored,
        versions.is_with_machines,
        past_steps.from_window,
        {{ cents('past_steps.points_change') }} as cents
    from versions
    inner join past_steps
        on versions.past_as_of = past_steps.past_as_of and versions.contact = past_steps.contact
    inner join scoring_rules
        on past_steps.rule_number = scoring_rules.rule_number
    inner join outcome_rules
        on versions.outcome = outcome_rules.outcome and past_steps.rule_number = outcome_rules.rule_number
    inner join evaluated_lists
        on
            versions.outcome = evaluated_lists.outcome
            and scoring_rules.score_number = evaluated_lists.score_number
            and versions.past_as_of = evaluated_lists.past_as_of
    where
        case
            when versions.is_as_scored then not past_steps.with_machines
            else past_steps.with_machines or not past_steps.has_machines
        end

    union all

    select
        evaluated_lists.list_number,
        versions.contact,
        versions.y,
        versions.is_as_scored,
        versions.is_with_machines,
        1 as from_window,
        cast(0 as bigint) as cents
    from versions
    inner join evaluated_lists
        on versions.outcome = evaluated_lists.outcome and versions.past_as_of = evaluated_lists.past_as_of

),

summed as (

    select
        list_number,
        contact,
        y,
        is_as_scored,
        is_with_machines,
        from_window,
        sum(cents) as cents
    from changes
    group by list_number, contact, y, is_as_scored, is_with_machines, from_window

),

steps as (

    select
        *,
        coalesce(lead(from_window) over row_of_panel - 1, 90) as to_window,
        sum(cents) over row_of_panel as cents_so_far,
        sum(cents) over (partition by list_number, contact, is_as_scored) as cents_of_90_days
    from summed
    window row_of_panel as (partition by list_number, contact, is_as_scored order by from_window)

),

evaluated_steps as (

    select
        list_number,
        contact,
        y,
        case when is_as_scored then 1 else 0 end as in_all,
        case when is_as_scored and cents_of_90_days <> 0 then 1 else 0 end as in_active,
        case when is_with_machines then 1 else 0 end as in_with_machines,
        from_window,
        to_window,
        cast(cents_so_far as bigint) as cents
    from steps

)

-- the rows of a contact side by side: what sums them up for each contact then takes a third less
select * from evaluated_steps
order by contact, list_number
