with

links as (

    select * from {{ ref('past_visitor_links') }}

),

evaluated_contacts as (

    select * from {{ ref('evaluated_contacts') }}

),

past_as_ofs as (

    select * from {{ ref('past_as_ofs') }}

),

visitors as (

    select
        actor_key,
        min(survivor) as survivor,
        min(after_day) as after_day,
        min(survivor) = max(survivor) and min(until_day) = {{ last_day() }} as is_of_one
    from links
    group by actor_key
    having max(case when survivor in (select evaluated_contacts.contact from evaluated_contacts) then 1 else 0 end) = 1

),

-- only of the few visitors whom several contacts were linked to, or whose link did not last
ranked as (

    select
        past_as_ofs.past_number,
        past_as_ofs.past_day,
        links.actor_key,
        links.survivor,
        row_number() over (
            partition by past_as_ofs.past_number, links.actor_key
            order by links.linked_at desc nulls last, links.contact asc
        ) as link_rank
    from links
    inner join visitors
        on links.actor_key = visitors.actor_key
    inner join past_as_ofs
        on {{ holds_at('past_as_ofs.past_day', 'links') }}
    where not visitors.is_of_one

),

-- one span for as-ofs in a row
numbered as (

    select
        *,
        past_number - row_number() over (partition by actor_key, survivor order by past_number) as span_number
    from ranked
    where link_rank = 1

),

past_visitor_owners as (

    select
        actor_key,
        survivor,
        after_day,
        {{ last_day() }} as until_day
    from visitors
    where is_of_one

    union all

    select
        actor_key,
        survivor,
        min(past_day) - 1 as after_day,
        max(past_day) as until_day
    from numbered
    group by actor_key, survivor, span_number

)

select * from past_visitor_owners
