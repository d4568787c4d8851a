{{ config(materialized=worked_out_once('ephemeral')) }}

with

contact_rows as (

    select * from {{ ref('contact_rows') }}

),

merge_steps as (

    select * from {{ ref('merge_steps') }}

),

-- nearly all are merged into nobody and survive themselves
unmerged as (

    select
        contact_id as row_contact_id,
        contact_id,
        deleted_at is not null as is_erased
    from contact_rows
    where merged_into_contact_id is null

),

-- of the contacts on a chain of merges, only the last is merged into nobody
merged as (

    select
        merge_steps.contact_id as row_contact_id,
        unmerged.contact_id,
        unmerged.is_erased
    from merge_steps
    inner join unmerged
        on merge_steps.reached_contact_id = unmerged.contact_id

),

survivors as (

    select * from unmerged
    union all
    select * from merged

)

select * from survivors
