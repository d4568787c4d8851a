with

event_types as (

    select distinct event_type from {{ ref('event_log') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

outcomes as (

    select * from {{ ref('stg_outcomes') }}

),

disqualification_rules as (

    select * from {{ ref('stg_disqualification_rules') }}

),

evaluated_event_types as (

    select event_type from event_types
    where
        event_type in (select scoring_rules.event_type from scoring_rules)
        or event_type in (select outcomes.event_type from outcomes)
        or exists (
            select 1 from disqualification_rules
            where
                position(
                    ' ' || event_types.event_type || ' '
                    in ' ' || disqualification_rules.event_type
                    || ' ' || coalesce(disqualification_rules.cleared_by, '') || ' '
                ) > 0
        )

)

select * from evaluated_event_types
