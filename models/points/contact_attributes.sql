{{ config(materialized='table') }}

with

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

list_members as (

    select * from {{ ref('list_members') }}

),

attributes as (

    select * from {{ ref('stg_attributes') }}
    where
        attribute_name is not null
        and attribute_name not in ({{ known_attributes() }})
        and (updated_at is null or updated_at < {{ as_of() }})

),

actors as (

    select * from {{ ref('actors') }}
    where actor_type = 'contact'

),

fit_rules as (

    select * from {{ ref('stg_fit_rules') }}

),

-- after merges, so that the newest row of all of a person's ids counts
ranked_attributes as (

    select
        actors.contact,
        attributes.attribute_name,
        attributes.attribute_value,
        row_number() over (
            partition by actors.contact, attributes.attribute_name
            order by attributes.updated_at desc nulls last, attributes.attribute_value desc nulls last
        ) as attribute_rank
    from attributes
    inner join actors
        on {{ lookup_key(["'contact'", 'attributes.contact_id']) }} = actors.actor_key

),

known as (

    {% for field in contact_fields() %}
    select
        contact,
        '{{ field }}' as attribute_name,
        {{ field }} as attribute_value
    from present_contacts
    union all
    {% endfor %}

    select
        contact,
        'email_domain' as attribute_name,
        case when position('@' in email_address) > 0 then split_part(email_address, '@', -1) end as attribute_value
    from present_contacts

    union all

    select
        contact,
        'list' as attribute_name,
        list_id as attribute_value
    from list_members

    union all

    select
        contact,
        'list' as attribute_name,
        list_name as attribute_value
    from list_members

    union all

    select
        contact,
        attribute_name,
        attribute_value
    from ranked_attributes
    where attribute_rank = 1

),

-- what no rule looks at is not kept
contact_attributes as (

    select
        contact,
        attribute_name,
        attribute_value
    from known
    where
        attribute_value <> ''
        and attribute_name in (select fit_rules.attribute from fit_rules)

)

select * from contact_attributes
