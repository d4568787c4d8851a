with

engagements as (

    select * from {{ ref('past_engagements') }}

),

outcomes as (

    select * from {{ ref('stg_outcomes') }}
    where not repeats

),

doubtful_clicks as (

    select * from {{ ref('doubtful_clicks') }}

),

had as (

    select
        outcomes.outcome,
        engagements.contact,
        greatest(engagements.after_day, doubtful_clicks.after_day) as after_day,
        least(engagements.until_day, doubtful_clicks.until_day) as until_day
    from engagements
    inner join outcomes
        on engagements.event_type = outcomes.event_type and {{ passes_filter('engagements', 'outcomes') }}
    left join doubtful_clicks
        on {{ is_same_row('engagements', 'doubtful_clicks') }}
    where not engagements.is_machine

),

past_outcomes as (

    select
        outcome,
        contact,
        min(after_day) as after_day,
        until_day
    from had
    where after_day < until_day
    group by outcome, contact, until_day

)

select * from past_outcomes
