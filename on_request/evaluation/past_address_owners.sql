with

contact_survivors as (

    select * from {{ ref('contact_survivors') }}

),

address_owners as (

    select * from {{ ref('address_owners') }}

),

links as (

    select * from {{ ref('past_address_links') }}

),

spans as (

    select
        actor_key,
        contact,
        coalesce(cast(linked_at as date), {{ first_day() }}) as after_day,
        coalesce(
            cast(lead(linked_at) over (partition by actor_key order by linked_at asc nulls first) as date),
            {{ last_day() }}
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
