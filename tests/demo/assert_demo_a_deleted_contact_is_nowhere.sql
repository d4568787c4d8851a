{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- C018 was deleted. No contact, actor or event of it is left, and its rows are counted as erased.
select contact_id as trace from {{ ref('present_contacts') }}
where contact_id = 'C018'

union all

select actor_type as trace from {{ ref('actors') }}
where actor_key in ({{ lookup_key(["'contact'", "'C018'"]) }}, {{ lookup_key(["'visitor'", "'v-c018'"]) }})

union all

select event_id as trace from {{ ref('event_log') }}
where actor in ('C018', 'v-c018', 'pawel.dabek@biala-papier.example', 'p.dabek@mailbox.example')

union all

select 'nothing was erased' as trace from {{ ref('scoring_status') }}
having sum(erased) = 0
