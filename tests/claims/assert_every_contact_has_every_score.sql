{{ config(meta=is_check_of('contact_scores')) }}

-- Each contact that is not merged away or deleted stands in contact_scores once per score name.
with

score_names as (

    select distinct score_name from {{ ref('stg_scoring_rules') }}

),

expected as (

    select
        present_contacts.contact_id,
        score_names.score_name
    from {{ ref('present_contacts') }} as present_contacts
    cross join score_names

),

contact_scores as (

    select * from {{ ref('contact_scores') }}

)

select
    coalesce(expected.contact_id, contact_scores.contact_id) as contact_id,
    coalesce(expected.score_name, contact_scores.score_name) as score_name
from expected
full outer join contact_scores
    on
        expected.contact_id = contact_scores.contact_id
        and expected.score_name = contact_scores.score_name
where expected.contact_id is null or contact_scores.contact_id is null
