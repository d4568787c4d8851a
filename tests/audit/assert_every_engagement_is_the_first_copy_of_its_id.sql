{{ config(meta=is_check_of('engagements')) }}

-- An engagement is one of the raw rows of its id, column by column, and none of them came in earlier.
with

copies as (

    select * from {{ ref('event_rows') }}
    where reject_reason is null

),

engagements as (

    select * from {{ ref('engagements') }}

),

compared as (

    select
        engagements.source,
        engagements.event_id,
        coalesce(
            copies.event_type = engagements.event_type
            and copies.actor = engagements.actor
            and copies.occurred_at = engagements.occurred_at
            and copies.received_at = engagements.received_at
            and coalesce(copies.message_id, '') = coalesce(engagements.message_id, '')
            and coalesce(copies.campaign_id, '') = coalesce(engagements.campaign_id, '')
            and coalesce(copies.link_url, '') = coalesce(engagements.link_url, '')
            and coalesce(copies.page_url, '') = coalesce(engagements.page_url, '')
            and coalesce(copies.detail, '') = coalesce(engagements.detail, ''),
            false
        ) as is_same,
        copies.received_at < engagements.received_at
        or (copies.received_at = engagements.received_at and copies.occurred_at < engagements.occurred_at)
            as is_earlier
    from engagements
    left join copies
        on
            engagements.source = copies.source
            and engagements.event_id = copies.event_id

)

select
    source,
    event_id
from compared
group by source, event_id
having
    max(case when is_same then 1 else 0 end) = 0
    or max(case when is_earlier then 1 else 0 end) = 1
