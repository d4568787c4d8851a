{{ config(meta=is_check_of('engagements')) }}

-- Each id that has a valid row in a raw table is an engagement, unless it was erased with a deleted contact. No other
-- id is, unless rows have disappeared from the raw table.
with

ids as (

    select distinct
        source,
        event_id,
        event_key
    from {{ ref('event_rows') }}
    where reject_reason is null

),

engagements as (

    select
        source,
        event_id
    from {{ ref('engagements') }}

),

erased_keys as (

    select distinct
        source,
        event_key
    from {{ ref('event_log') }}
    where was_engagement

)

select
    scoring_status.source,
    coalesce(ids.event_id, engagements.event_id) as event_id
from ids
full outer join engagements
    on
        ids.source = engagements.source
        and ids.event_id = engagements.event_id
left join erased_keys
    on
        ids.source = erased_keys.source
        and ids.event_key = erased_keys.event_key
inner join {{ ref('scoring_status') }} as scoring_status
    on coalesce(ids.source, engagements.source) = scoring_status.source
where
    (engagements.event_id is null and erased_keys.event_key is null)
    or (ids.event_id is null and scoring_status.rows_gone = 0)
