{{ config(meta=is_check_of('engagements')) }}

-- An engagement equals the first raw row of its id, column by column. If rows have disappeared from a raw table, the
-- engagement may be one of those. A row that named a click of a deleted contact has lost the click's id.
with

copies as (

    select
        *,
        row_number() over (
            partition by source, event_id
            order by {{ order_of_copies() }}
        ) as copy_number
    from {{ ref('event_rows') }}
    where reject_reason is null

),

engagements as (

    select
        event_log.*,
        scoring_status.rows_gone
    from {{ ref('engagements') }} as engagements
    inner join {{ ref('event_log') }} as event_log
        on {{ is_same_row('engagements', 'event_log') }} and not event_log.is_later_copy
    inner join {{ ref('scoring_status') }} as scoring_status
        on event_log.source = scoring_status.source

)

select
    engagements.source,
    engagements.event_id
from engagements
left join copies
    on
        engagements.source = copies.source
        and engagements.event_id = copies.event_id
        and copies.copy_number = 1
where
    (
        engagements.rows_gone = 0
        and (
            copies.event_id is null
            {% for column in logged_columns() | reject('in', ['source', 'event_id', 'email_click_event_id']) %}
            or copies.{{ column }} is distinct from engagements.{{ column }}
            {% endfor %}
            or (
                copies.email_click_event_id is distinct from engagements.email_click_event_id
                and (engagements.email_click_event_id is not null or not engagements.is_unnamed)
            )
        )
    )
    or copies.received_at < engagements.received_at
    or (copies.received_at = engagements.received_at and copies.occurred_at < engagements.occurred_at)
