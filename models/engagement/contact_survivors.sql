with

contact_rows as (

    select * from {{ ref('contact_rows') }}

),

merge_steps as (

    select * from {{ ref('merge_steps') }}

),

final_steps as (

    select
        contact_id as row_contact_id,
        contact_id as surviving_contact_id
    from contact_rows
    where merged_into_contact_id is null

    union all

    select
        contact_id as row_contact_id,
        reached_contact_id as surviving_contact_id
    from merge_steps

),

-- of the contacts on a chain of merges, only the last is merged into nobody
survivors as (

    select
        final_steps.row_contact_id,
        contact_rows.contact_id,
        contact_rows.deleted_at is not null as is_erased
    from final_steps
    inner join contact_rows
        on final_steps.surviving_contact_id = contact_rows.contact_id
    where contact_rows.merged_into_contact_id is null

)

select * from survivors
