-- ephemeral, so part of each query that reads it: data that names a deleted contact must not be stored
{{ config(materialized='ephemeral') }}

with

contacts as (

    select * from {{ ref('stg_contacts') }}
    where contact_id is not null

),

-- ranking is expensive, and nearly every id has only one row
copied_ids as (

    select contact_id from contacts
    group by contact_id
    having count(*) > 1

),

ranked as (

    select
        *,
        row_number() over (
            partition by contact_id
            order by
                updated_at desc nulls last,
                -- in a tie the remaining columns decide, so that every build chooses the same row
                email_address asc nulls last,
                full_name asc nulls last,
                company_name asc nulls last,
                job_title asc nulls last,
                country asc nulls last,
                phone asc nulls last,
                owner asc nulls last,
                account_id asc nulls last,
                created_at asc nulls last,
                merged_into_contact_id asc nulls last,
                deleted_at asc nulls last
        ) as row_rank
    from contacts
    where contact_id in (select copied_ids.contact_id from copied_ids)

),

with_ranks as (

    select
        *,
        1 as row_rank
    from contacts
    where
        not exists (
            select 1 from copied_ids
            where contacts.contact_id = copied_ids.contact_id
        )

    union all

    select * from ranked

),

newest as (

    select
        contact_id,
        email_address,
        full_name,
        company_name,
        job_title,
        country,
        phone,
        owner,
        account_id,
        created_at,
        updated_at,
        merged_into_contact_id,
        deleted_at
    from with_ranks
    where row_rank = 1

)

select * from newest
