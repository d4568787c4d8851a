{{ config(meta=is_check_of('engagements')) }}

-- Each id of a raw table with a valid row is an engagement, unless a deleted contact had a part in it.
with

ids as (

    select
        event_rows.source,
        event_rows.event_id,
        count(erased_actors.actor_hash) as erased_copies
    from {{ ref('event_rows') }} as event_rows
    left join {{ ref('erased_actors') }} as erased_actors
        on
            event_rows.actor_type = erased_actors.actor_type
            and {{ dbt.hash('event_rows.actor') }} = erased_actors.actor_hash
    where event_rows.reject_reason is null
    group by event_rows.source, event_rows.event_id

),

engagements as (

    select * from {{ ref('engagements') }}

)

select
    coalesce(ids.source, engagements.source) as source,
    coalesce(ids.event_id, engagements.event_id) as event_id
from ids
full outer join engagements
    on
        ids.source = engagements.source
        and ids.event_id = engagements.event_id
where
    ids.event_id is null
    or (engagements.event_id is null and ids.erased_copies = 0)
