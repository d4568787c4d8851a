with

contacts as (

    select * from {{ ref('stg_contacts') }}
    where contact_id is not null

),

ranked as (

    select
        *,
        row_number() over (
            partition by contact_id
            order by
                updated_at desc nulls last,
                -- a tie: the remaining columns, so that every build chooses the same row
                email_address asc nulls last,
                full_name asc nulls last,
                company_name asc nulls last,
                job_title asc nulls last,
                country asc nulls last,
                phone asc nulls last,
                owner asc nulls last,
                created_at asc nulls last,
                merged_into_contact_id asc nulls last,
                deleted_at asc nulls last
        ) as row_rank
    from contacts

),

newest as (

    select * from ranked
    where row_rank = 1

),

-- a merge into a contact that does not exist is ignored
with_merges as (

    select
        newest.contact_id,
        newest.email_address,
        newest.full_name,
        newest.company_name,
        newest.job_title,
        newest.country,
        newest.phone,
        newest.owner,
        newest.created_at,
        newest.updated_at,
        newest.deleted_at,
        merge_targets.contact_id as merged_into_contact_id
    from newest
    left join newest as merge_targets
        on newest.merged_into_contact_id = merge_targets.contact_id

)

select * from with_merges
