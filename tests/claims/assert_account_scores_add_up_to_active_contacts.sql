{{ config(meta=is_check_of('account_scores')) }}

-- The scores of all accounts and of the active contacts without one add up to those of all active contacts.
with

by_account as (

    select
        score_name,
        window_days,
        sum(score) as score,
        sum(active_contacts) as active_contacts
    from {{ ref('account_scores') }}
    group by score_name, window_days

),

active_contacts as (

    select
        active_contacts.score_name,
        active_contacts.window_days,
        active_contacts.score,
        contact_scores.account_id
    from {{ ref('active_contacts') }} as active_contacts
    inner join {{ ref('contact_scores') }} as contact_scores
        on
            active_contacts.contact_id = contact_scores.contact_id
            and active_contacts.score_name = contact_scores.score_name
    where active_contacts.window_days in ({{ named_windows() | join(', ') }})

),

by_contact as (

    select
        score_name,
        window_days,
        sum(score) as score,
        count(*) as active_contacts,
        sum(case when account_id is null then score else 0 end) as score_without_account,
        sum(case when account_id is null then 1 else 0 end) as contacts_without_account
    from active_contacts
    group by score_name, window_days

)

select
    by_contact.*,
    by_account.score as score_of_accounts
from by_contact
left join by_account
    on
        by_contact.score_name = by_account.score_name
        and by_contact.window_days = by_account.window_days
where
    by_contact.score <> by_contact.score_without_account + coalesce(by_account.score, 0)
    or by_contact.active_contacts <> by_contact.contacts_without_account + coalesce(by_account.active_contacts, 0)
