with

band_rows as (

    select * from {{ ref('band_rows') }}

),

band_windows as (

    select * from {{ ref('band_windows') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

outcome_rules as (

    select * from {{ ref('outcome_rules') }}
    where not is_outcome

),

-- what each rule gave in the window of the bands
drivers as (

    select
        past_steps.past_as_of,
        past_steps.contact,
        past_steps.rule_number,
        {{ cents('past_steps.points') }} as cents
    from {{ ref('past_steps') }} as past_steps
    inner join scoring_rules
        on past_steps.rule_number = scoring_rules.rule_number
    inner join band_windows
        on
            scoring_rules.score_number = band_windows.score_number
            and band_windows.window_days between past_steps.from_window and past_steps.to_window
    where not past_steps.with_machines

),

rule_rows as (

    select
        band_rows.ranking_number,
        band_rows.list_number,
        outcome_rules.rule_number,
        band_rows.contact,
        band_rows.y,
        coalesce(abs(drivers.cents), 0) as size,
        case when drivers.contact is null then 0 else 1 end as is_exposed
    from band_rows
    inner join scoring_rules
        on band_rows.score_number = scoring_rules.score_number
    inner join outcome_rules
        on
            band_rows.outcome = outcome_rules.outcome
            and scoring_rules.rule_number = outcome_rules.rule_number
    left join drivers
        on
            band_rows.past_as_of = drivers.past_as_of
            and band_rows.contact = drivers.contact
            and outcome_rules.rule_number = drivers.rule_number

)

select * from rule_rows
