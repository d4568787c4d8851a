{{ config(materialized='table') }}

with

present_contacts as (

    select * from {{ ref('present_contacts') }}
    where account_id is not null

),

contact_standings as (

    select * from {{ ref('contact_standings') }}

),

sales_ready as (

    select * from {{ ref('sales_ready') }}

),

-- of equally common spellings the smallest; a contact without a company says nothing of the name
spellings as (

    select
        account_id,
        company_name,
        row_number() over (
            partition by account_id
            order by case when company_name is null then 1 else 0 end, count(*) desc, company_name
        ) as spelling_rank
    from present_contacts
    group by account_id, company_name

),

-- joined by number: comparing names took twice as long
accounts as (

    select
        account_id,
        company_name as account_name,
        cast(row_number() over (order by account_id) as integer) as account_number
    from spellings
    where spelling_rank = 1

),

members as (

    select
        present_contacts.contact,
        accounts.account_number
    from present_contacts
    inner join accounts
        on present_contacts.account_id = accounts.account_id

),

-- a score is null in windows in which the contact did not earn
standings as (

    select
        members.account_number,
        contact_standings.score_name,
        contact_standings.contact,
        contact_standings.status,
        contact_standings.last_engaged_at,
        {% for window_days in named_windows() %}
        case
            when contact_standings.active_from_window <= {{ window_days }}
                then contact_standings.score_{{ window_days }}d
        end as score_{{ window_days }}d,
        {% endfor %}
        sales_ready.contact as ready_contact
    from members
    inner join contact_standings
        on members.contact = contact_standings.contact
    left join sales_ready
        on
            contact_standings.contact = sales_ready.contact
            and contact_standings.score_name = sales_ready.score_name

),

sums as (

    select
        account_number,
        score_name,
        count(*) as contacts,
        sum(case when status = 'disqualified' then 1 else 0 end) as disqualified_contacts,
        count(ready_contact) as sales_ready_contacts,
        {% for window_days in named_windows() %}
        count(score_{{ window_days }}d) as active_contacts_{{ window_days }}d,
        sum(score_{{ window_days }}d) as score_{{ window_days }}d,
        max(score_{{ window_days }}d) as top_score_{{ window_days }}d,
        {% endfor %}
        max(last_engaged_at) as last_engaged_at
    from standings
    group by account_number, score_name

),

-- contacts are numbered in the order of their ids: of equal scores the smallest id is on top
top_contacts as (

    select
        {% for window_days in named_windows() %}
        min(
            case when standings.score_{{ window_days }}d = sums.top_score_{{ window_days }}d then standings.contact end
        ) as top_contact_{{ window_days }}d,
        {% endfor %}
        sums.account_number,
        sums.score_name
    from sums
    inner join standings
        on
            sums.account_number = standings.account_number
            and sums.score_name = standings.score_name
    group by sums.account_number, sums.score_name

),

account_standings as (

    select
        accounts.account_id,
        accounts.account_name,
        sums.score_name,
        sums.contacts,
        sums.disqualified_contacts,
        sums.sales_ready_contacts,
        {% for window_days in named_windows() %}
        sums.active_contacts_{{ window_days }}d,
        cast(coalesce(sums.score_{{ window_days }}d, 0) as decimal(18, 2)) as score_{{ window_days }}d,
        top_contacts.top_contact_{{ window_days }}d,
        {% endfor %}
        sums.last_engaged_at,
        {{ as_of() }} as as_of
    from sums
    inner join top_contacts
        on
            sums.account_number = top_contacts.account_number
            and sums.score_name = top_contacts.score_name
    inner join accounts
        on sums.account_number = accounts.account_number

)

select * from account_standings
