with

list_members as (

    select * from {{ ref('list_members') }}

),

contact_standings as (

    select * from {{ ref('contact_standings') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

score_steps as (

    select * from {{ ref('score_steps') }}

),

score_windows as (

    select * from {{ ref('score_windows') }}

),

-- all other contacts have score 0 in every window
active_steps as (

    select score_steps.*
    from score_steps
    inner join contact_standings
        on
            score_steps.contact = contact_standings.contact
            and score_steps.score_number = contact_standings.score_number
    where contact_standings.status = 'active'

),

-- separate from the join below: the published view has a comma for `cross join`, and a comma binds later than a join
members_by_window as (

    select
        list_members.list_id,
        list_members.list_name,
        present_contacts.contact_id,
        present_contacts.email_address,
        present_contacts.full_name,
        contact_standings.contact,
        contact_standings.score_number,
        contact_standings.score_name,
        score_windows.window_days,
        contact_standings.status = 'disqualified' as is_disqualified,
        contact_standings.as_of
    from list_members
    inner join present_contacts
        on list_members.contact = present_contacts.contact
    inner join contact_standings
        on list_members.contact = contact_standings.contact
    cross join score_windows

),

member_scores as (

    select
        members_by_window.*,
        coalesce(active_steps.score, 0) as score
    from members_by_window
    left join active_steps
        on
            members_by_window.contact = active_steps.contact
            and members_by_window.score_number = active_steps.score_number
            and members_by_window.window_days between active_steps.from_window and active_steps.to_window

),

ranked as (

    select
        list_id,
        list_name,
        contact_id,
        email_address,
        full_name,
        score_name,
        window_days,
        score,
        case
            when not is_disqualified
                then
                    cast(
                        rank() over (
                            partition by list_id, score_name, window_days, is_disqualified
                            order by score desc
                        ) as bigint
                    )
        end as score_rank,
        is_disqualified,
        as_of
    from member_scores

)

select * from ranked
