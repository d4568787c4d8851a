{{ config(materialized='table', post_hook=["{{ follow_merges(this) }}", "{{ stop_on_merge_loops(this) }}"]) }}

with

contact_rows as (

    select * from {{ ref('contact_rows') }}

),

-- numbered in the order of the ids, which decides ties
numbered as (

    select
        *,
        cast(row_number() over (order by contact_id) as integer) as contact
    from contact_rows

),

known_merges as (

    select
        merged.contact,
        targets.contact as merged_into
    from numbered as merged
    inner join numbered as targets
        on merged.merged_into_contact_id = targets.contact_id
    -- a merge into itself does not count
    where merged.contact <> targets.contact

),

-- keys only: data that names a deleted contact must not be stored
contact_numbers as (

    select
        numbered.contact,
        {{ lookup_key(["'contact'", 'numbered.contact_id']) }} as actor_key,
        case
            when numbered.email_address is not null then {{ lookup_key(["'email'", 'numbered.email_address']) }}
        end as address_key,
        numbered.updated_at,
        numbered.deleted_at is not null as is_deleted,
        known_merges.merged_into,
        coalesce(known_merges.merged_into, numbered.contact) as survivor
    from numbered
    left join known_merges
        on numbered.contact = known_merges.contact

)

select * from contact_numbers
