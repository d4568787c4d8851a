{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- C005 unsubscribed; C006 did too but re-subscribed. C008's address bounced; C007's did too but it has a new one.
-- C020's last five e-mails soft-bounced; C021's did too, but a delivery followed. C022 complained.
with

expected as (

    select
        'C005' as contact_id,
        'email_unsubscribe' as event_type
    union all
    select
        'C008' as contact_id,
        'email_hard_bounce' as event_type
    union all
    select
        'C020' as contact_id,
        'email_soft_bounce' as event_type
    union all
    select
        'C022' as contact_id,
        'email_spam_complaint' as event_type

),

disqualified_contacts as (

    select * from {{ ref('disqualified_contacts') }}
    where contact_id in ('C005', 'C006', 'C007', 'C008', 'C020', 'C021', 'C022')

)

select
    coalesce(expected.contact_id, disqualified_contacts.contact_id) as contact_id,
    expected.event_type as expected_event_type,
    disqualified_contacts.event_type
from expected
full outer join disqualified_contacts
    on
        expected.contact_id = disqualified_contacts.contact_id
        and expected.event_type = disqualified_contacts.event_type
where expected.contact_id is null or disqualified_contacts.contact_id is null
