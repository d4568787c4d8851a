with

score_steps as (

    select * from {{ ref('score_steps') }}

),

score_windows as (

    select * from {{ ref('score_windows') }}

),

contact_standings as (

    select * from {{ ref('contact_standings') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

active_contacts as (

    select
        contact_standings.score_name,
        score_windows.window_days,
        present_contacts.contact_id,
        present_contacts.email_address,
        present_contacts.full_name,
        present_contacts.company_name,
        present_contacts.phone,
        present_contacts.owner,
        score_steps.score,
        cast(
            rank() over (
                partition by contact_standings.score_name, score_windows.window_days
                order by score_steps.score desc
            ) as bigint
        ) as score_rank,
        score_steps.times_earned,
        contact_standings.last_engaged_at,
        contact_standings.band,
        contact_standings.as_of
    from score_steps
    inner join score_windows
        on score_windows.window_days between score_steps.from_window and score_steps.to_window
    inner join contact_standings
        on
            score_steps.contact = contact_standings.contact
            and score_steps.score_number = contact_standings.score_number
    inner join present_contacts
        on score_steps.contact = present_contacts.contact
    where contact_standings.status = 'active'

)

select * from active_contacts
