{{ config(meta=is_check_of('active_contacts')) }}

-- A contact is in at most one of active and disqualified.
with

disqualified_contacts as (

    select * from {{ ref('disqualified_contacts') }}

),

score_windows as (

    select distinct
        score_name,
        contact_id
    from {{ ref('active_contacts') }}
    where {{ tested_windows() }}

)

select
    score_windows.score_name,
    score_windows.contact_id
from score_windows
inner join disqualified_contacts
    on score_windows.contact_id = disqualified_contacts.contact_id
