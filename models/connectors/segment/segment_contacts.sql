{{ config(enabled=is_connected('segment')) }}

with

calls as (

    select * from {{ ref('segment_identify_rows') }}
    where left_out is null

),

-- a call has the traits that it was made with, and no others
traits as (

    {% for trait in segment_traits() %}
    select
        contact_id,
        '{{ trait }}' as trait,
        {{ trait }} as value,
        identified_at
    from calls
    where {{ trait }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

ranked as (

    select
        contact_id,
        trait,
        value,
        row_number() over (partition by contact_id, trait order by identified_at desc nulls last, value asc) as place
    from traits

),

newest as (

    select
        {% for trait in segment_traits() %}
        max(case when trait = '{{ trait }}' then value end) as {{ trait }},
        {% endfor %}
        contact_id
    from ranked
    where place = 1
    group by contact_id

),

people as (

    select
        contact_id,
        min(identified_at) as created_at,
        max(identified_at) as updated_at,
        count(*) as identify_calls
    from calls
    group by contact_id

)

select
    people.contact_id,
    newest.email as email_address,
    coalesce(newest.name, {{ joined_names('newest.first_name', 'newest.last_name') }}) as full_name,
    coalesce(newest.company_name, newest.company) as company_name,
    newest.title as job_title,
    coalesce(newest.address_country, newest.country) as country,
    newest.phone,
    {{ no_text() }} as owner,
    newest.company_id as account_id,
    people.created_at,
    people.updated_at,
    {{ no_text() }} as merged_into_contact_id,
    cast(null as {{ dbt.type_timestamp() }}) as deleted_at,
    people.identify_calls
from people
left join newest on people.contact_id = newest.contact_id
