{{ config(enabled=is_connected('segment')) }}

with

said as (

    -- each call says again what was decided
    select
        visitor_id,
        is_granted,
        occurred_at,
        lag(is_granted) over (partition by visitor_id order by occurred_at nulls first, is_granted) as said_before
    from {{ ref('segment_call_rows') }}
    where visitor_id is not null and is_granted is not null

)

select
    visitor_id,
    is_granted,
    occurred_at as decided_at
from said
where said_before is null or is_granted <> said_before
