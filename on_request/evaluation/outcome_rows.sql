with

possible_outcomes as (

    select * from {{ ref('possible_outcomes') }}

),

disqualified as (

    select * from {{ ref('past_disqualifications') }}

),

outcome_rows as (

    select
        possible_outcomes.outcome,
        possible_outcomes.past_as_of,
        possible_outcomes.contact,
        possible_outcomes.y
    from possible_outcomes
    left join disqualified
        on
            possible_outcomes.past_as_of = disqualified.past_as_of
            and possible_outcomes.contact = disqualified.contact
    where disqualified.contact is null

)

select * from outcome_rows
