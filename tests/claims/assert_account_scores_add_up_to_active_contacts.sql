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
    where {{ tested_windows() }}
    group by score_name, window_days

),

without_account as (

    select
        contact_id,
        score_name
    from {{ ref('contact_scores') }}
    where account_id is null

),

by_contact as (

    select
        active_contacts.score_name,
        active_contacts.window_days,
        sum(active_contacts.score) as score,
        count(*) as active_contacts,
        sum(case when without_account.contact_id is not null then active_contacts.score else 0 end)
            as score_without_account,
        count(without_account.contact_id) as contacts_without_account
    from {{ ref('active_contacts') }} as active_contacts
    left join without_account
        on
            active_contacts.contact_id = without_account.contact_id
            and active_contacts.score_name = without_account.score_name
    where
        active_contacts.{{ tested_windows() }}
        and active_contacts.window_days in ({{ named_windows() | join(', ') }})
    group by active_contacts.score_name, active_contacts.window_days

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
{{ unless_partly_built() }}
