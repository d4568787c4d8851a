with

score_steps as (

    select * from {{ ref('score_steps') }}

),

score_windows as (

    select * from {{ ref('score_windows') }}

),

contact_scores as (

    select * from {{ ref('contact_scores') }}

),

active_contacts as (

    select
        score_steps.score_name,
        score_windows.window_days,
        score_steps.contact_id,
        contact_scores.email_address,
        contact_scores.full_name,
        contact_scores.company_name,
        contact_scores.phone,
        contact_scores.owner,
        score_steps.score,
        cast(
            rank() over (
                partition by score_steps.score_name, score_windows.window_days
                order by score_steps.score desc
            ) as bigint
        ) as score_rank,
        score_steps.times_earned,
        contact_scores.last_engaged_at,
        contact_scores.band,
        contact_scores.as_of
    from score_steps
    inner join score_windows
        on score_windows.window_days between score_steps.from_window and score_steps.to_window
    inner join contact_scores
        on
            score_steps.contact_id = contact_scores.contact_id
            and score_steps.score_name = contact_scores.score_name
    where contact_scores.status = 'active'

)

select * from active_contacts
