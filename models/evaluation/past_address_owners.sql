with

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

address_owners as (

    select * from {{ ref('address_owners') }}

),

identities as (

    select * from {{ ref('stg_identities') }}
    where identity_type = 'email' and identity_value is not null

),

contacts as (

    select * from {{ ref('stg_contacts') }}
    where contact_id is not null and email_address is not null

),

address_links as (

    select
        contact_id,
        identity_value as email_address,
        linked_at
    from identities

    union all

    select
        contact_id,
        email_address,
        updated_at as linked_at
    from contacts

),

-- only of addresses that are nobody's current one; at one time the smallest contact wins, and numbers go by ids
links as (

    select
        {{ lookup_key(["'email'", 'address_links.email_address']) }} as actor_key,
        address_links.linked_at,
        min(contact_survivors.contact) as contact
    from address_links
    inner join contact_survivors
        on {{ lookup_key(["'contact'", 'address_links.contact_id']) }} = contact_survivors.actor_key
    where
        not exists (
            select 1 from contact_survivors as current_owners
            where {{ lookup_key(["'email'", 'address_links.email_address']) }} = current_owners.address_key
        )
    group by {{ lookup_key(["'email'", 'address_links.email_address']) }}, address_links.linked_at

),

spans as (

    select
        actor_key,
        contact,
        coalesce(cast(linked_at as date), {{ first_day() }}) as after_day,
        coalesce(
            cast(lead(linked_at) over (partition by actor_key order by linked_at asc nulls first) as date), {{ last_day() }}
        ) as until_day
    from links

    union all

    -- nobody's until the first link
    select
        actor_key,
        cast(null as integer) as contact,
        {{ first_day() }} as after_day,
        cast(min(linked_at) as date) as until_day
    from links
    group by actor_key
    having count(*) = count(linked_at)

),

past_address_owners as (

    select
        address_owners.actor_key,
        address_owners.contact,
        address_owners.survivor,
        {{ first_day() }} as after_day,
        {{ last_day() }} as until_day
    from address_owners
    where address_owners.actor_key in (select contact_survivors.address_key from contact_survivors)

    union all

    select
        spans.actor_key,
        spans.contact,
        contact_survivors.survivor,
        spans.after_day,
        spans.until_day
    from spans
    left join contact_survivors
        on spans.contact = contact_survivors.contact
    where spans.after_day < spans.until_day

)

select * from past_address_owners
