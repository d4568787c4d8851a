{{ config(meta=is_check_of('contact_scores')) }}

-- Each contact that is not merged away or deleted stands in contact_scores once per score name. They are counted: a
-- contact that was there twice would fail another test, and nobody else can be.
with

present as (

    select count(*) as contacts from {{ ref('present_contacts') }}

),

score_names as (

    select distinct score_name from {{ ref('stg_scoring_rules') }}

),

scored as (

    select
        score_name,
        count(*) as contacts
    from {{ ref('contact_scores') }}
    group by score_name

)

select
    coalesce(score_names.score_name, scored.score_name) as score_name,
    present.contacts,
    scored.contacts as contacts_scored
from score_names
full outer join scored
    on score_names.score_name = scored.score_name
cross join present
where score_names.score_name is null or coalesce(scored.contacts, 0) <> present.contacts
