{{ config(meta=is_check_of('active_contacts')) }}

-- No contact is in both active_contacts and disqualified_contacts.
with

disqualified as (

    select distinct contact_id from {{ ref('disqualified_contacts') }}

),

active as (

    select
        score_name,
        contact_id
    from {{ ref('active_contacts') }}
    where {{ tested_windows() }}

)

select distinct
    active.score_name,
    active.contact_id
from active
inner join disqualified
    on active.contact_id = disqualified.contact_id
{{ unless_partly_built() }}
