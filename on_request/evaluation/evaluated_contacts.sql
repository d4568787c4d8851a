with

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

-- the order of a hash is as good as a random one, and the same at every build
ranked as (

    select
        contact,
        contact_id,
        address_key,
        row_number() over (order by {{ by_code_point(dbt.hash('contact_id')) }}) as contact_rank
    from present_contacts

),

evaluated_contacts as (

    select
        contact,
        address_key,
        {{ fold('contact_id') }} as fold
    from ranked
    where contact_rank <= {{ var('evaluation_contacts') }}

)

select * from evaluated_contacts
