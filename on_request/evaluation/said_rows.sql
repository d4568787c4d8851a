with

score_history as (

    select * from {{ ref('score_history') }}
    where status <> 'disqualified'

),

evaluated_contacts as (

    select
        evaluated_contacts.contact,
        present_contacts.contact_id
    from {{ ref('evaluated_contacts') }} as evaluated_contacts
    inner join {{ ref('present_contacts') }} as present_contacts
        on evaluated_contacts.contact = present_contacts.contact

),

score_names as (

    select distinct score_name from {{ ref('stg_scoring_rules') }}

),

past_as_ofs as (

    select * from {{ ref('past_as_ofs') }}

),

possible_outcomes as (

    select * from {{ ref('possible_outcomes') }}

),

-- by the newest build up to then
said as (

    select
        past_as_ofs.past_as_of,
        evaluated_contacts.contact,
        score_history.score_name,
        score_history.band
    from score_history
    inner join score_names
        on score_history.score_name = score_names.score_name
    inner join evaluated_contacts
        on score_history.contact_id = evaluated_contacts.contact_id
    inner join past_as_ofs
        on
            score_history.valid_from <= past_as_ofs.past_as_of
            and (score_history.valid_to is null or score_history.valid_to > past_as_ofs.past_as_of)

),

said_rows as (

    select
        possible_outcomes.outcome,
        said.score_name,
        possible_outcomes.past_as_of,
        possible_outcomes.contact,
        possible_outcomes.y,
        said.band
    from possible_outcomes
    inner join said
        on
            possible_outcomes.past_as_of = said.past_as_of
            and possible_outcomes.contact = said.contact

)

select * from said_rows
