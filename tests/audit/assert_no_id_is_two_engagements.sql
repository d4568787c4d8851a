{{ config(meta=is_check_of('engagements')) }}

-- An id of a raw table is at most one engagement, and each engagement has the fields that scoring needs.
select
    source,
    event_id,
    count(*) as times
from {{ ref('engagements') }}
group by source, event_id
having
    count(*) > 1
    or source is null
    or event_id is null
    or count(actor) < count(*)
    or count(actor_key) < count(*)
    or count(occurred_at) < count(*)
