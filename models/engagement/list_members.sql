{{ config(materialized='table') }}

with

list_memberships as (

    select * from {{ ref('stg_list_memberships') }}

),

lists as (

    select * from {{ ref('stg_lists') }}

),

contacts as (

    select * from {{ ref('actors') }}

),

-- if a list has several rows, every build chooses the same name
list_names as (

    select
        list_id,
        min(list_name) as list_name
    from lists
    group by list_id

),

present_memberships as (

    select distinct
        list_memberships.list_id,
        contacts.contact
    from list_memberships
    inner join contacts
        on {{ lookup_key(["'contact'", 'list_memberships.contact_id']) }} = contacts.actor_key
    where
        list_memberships.list_id is not null
        and (list_memberships.added_at is null or list_memberships.added_at <= {{ as_of() }})
        and (list_memberships.removed_at is null or list_memberships.removed_at > {{ as_of() }})

),

list_members as (

    select
        present_memberships.list_id,
        list_names.list_name,
        present_memberships.contact
    from present_memberships
    left join list_names
        on present_memberships.list_id = list_names.list_id

)

select * from list_members
