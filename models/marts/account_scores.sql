{{ config(materialized='table') }}

with

contact_standings as (

    select * from {{ ref('contact_standings') }}

),

score_steps as (

    select * from {{ ref('score_steps') }}

),

sales_ready as (

    select * from {{ ref('sales_ready') }}

),

members as (

    select
        account_id,
        contact,
        contact_id,
        company_name
    from {{ ref('present_contacts') }}
    where account_id is not null

),

windows as (

    select * from {{ ref('score_windows') }}
    where window_days in ({{ named_windows() | join(', ') }})

),

-- of equally common spellings the smallest
spellings as (

    select
        account_id,
        company_name,
        row_number() over (partition by account_id order by count(*) desc, company_name asc) as spelling_rank
    from members
    where company_name is not null
    group by account_id, company_name

),

accounts as (

    select
        contact_standings.score_name,
        members.account_id,
        count(*) as contacts,
        sum(case when contact_standings.status = 'disqualified' then 1 else 0 end) as disqualified_contacts,
        count(sales_ready.contact) as sales_ready_contacts,
        max(contact_standings.last_engaged_at) as last_engaged_at
    from members
    inner join contact_standings
        on members.contact = contact_standings.contact
    left join sales_ready
        on
            contact_standings.contact = sales_ready.contact
            and contact_standings.score_name = sales_ready.score_name
    group by contact_standings.score_name, members.account_id

),

active_members as (

    select
        contact_standings.score_name,
        members.account_id,
        windows.window_days,
        members.contact_id,
        score_steps.score,
        row_number() over (
            partition by contact_standings.score_name, members.account_id, windows.window_days
            order by score_steps.score desc, members.contact_id asc
        ) as member_rank
    from score_steps
    inner join windows
        on windows.window_days between score_steps.from_window and score_steps.to_window
    inner join contact_standings
        on
            score_steps.contact = contact_standings.contact
            and score_steps.score_number = contact_standings.score_number
    inner join members
        on score_steps.contact = members.contact
    where contact_standings.status = 'active'

),

active_accounts as (

    select
        score_name,
        account_id,
        window_days,
        count(*) as active_contacts,
        sum(score) as score,
        max(case when member_rank = 1 then contact_id end) as top_contact_id,
        rank() over (partition by score_name, window_days order by sum(score) desc) as score_rank
    from active_members
    group by score_name, account_id, window_days

),

accounts_by_window as (

    select
        accounts.*,
        windows.window_days
    from accounts
    cross join windows

),

account_scores as (

    select
        accounts_by_window.score_name,
        accounts_by_window.account_id,
        spellings.company_name as account_name,
        cast(accounts_by_window.window_days as integer) as window_days,
        cast(accounts_by_window.contacts as bigint) as contacts,
        cast(coalesce(active_accounts.active_contacts, 0) as bigint) as active_contacts,
        cast(accounts_by_window.disqualified_contacts as bigint) as disqualified_contacts,
        cast(accounts_by_window.sales_ready_contacts as bigint) as sales_ready_contacts,
        cast(coalesce(active_accounts.score, 0) as decimal(18, 2)) as score,
        cast(active_accounts.score_rank as bigint) as score_rank,
        active_accounts.top_contact_id,
        accounts_by_window.last_engaged_at,
        {{ as_of() }} as as_of
    from accounts_by_window
    left join active_accounts
        on
            accounts_by_window.account_id = active_accounts.account_id
            and accounts_by_window.score_name = active_accounts.score_name
            and accounts_by_window.window_days = active_accounts.window_days
    left join spellings
        on
            accounts_by_window.account_id = spellings.account_id
            and spellings.spelling_rank = 1

)

select * from account_scores
