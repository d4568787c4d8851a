{{ config(meta=is_check_of('contact_scores')) }}

-- Each contact that is not merged away or deleted is in contact_scores once per score name. Comparing counts is enough:
-- a contact that was there twice would fail another test, and no other contact can be there.
with

present_contacts as (

    select contact from {{ ref('present_contacts') }}

),

expected as (

    select
        score_name,
        (select count(*) from present_contacts) as contacts
    from {{ ref('stg_scoring_rules') }}
    group by score_name

),

scored as (

    select
        score_name,
        count(*) as contacts
    from {{ ref('contact_scores') }}
    group by score_name

)

select
    coalesce(expected.score_name, scored.score_name) as score_name,
    expected.contacts,
    scored.contacts as contacts_scored
from expected
full outer join scored
    on expected.score_name = scored.score_name
where expected.contacts is null or coalesce(scored.contacts, 0) <> expected.contacts
{{ unless_partly_built() }}
