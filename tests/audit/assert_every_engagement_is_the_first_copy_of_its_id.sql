{{ config(meta=is_check_of('engagements')) }}

-- An engagement is the first of the raw rows of its id, column by column. From a table of which rows have gone it may
-- be one that is no longer there. A row that named a deleted contact has lost that.
{% set lost = ['email_click_event_id', 'email_address'] %}
with

copies as (

    select
        *,
        row_number() over (
            partition by source, event_id
            order by
                received_at,
                occurred_at,
                event_type,
                actor,
                {% for column in optional_event_columns() %}
                {{ column }} nulls last,
                {% endfor %}
                is_flagged_machine
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
        on engagements.log_id = event_log.log_id
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
            {% for column in logged_columns() | reject('in', ['source', 'event_id'] + lost) %}
            or copies.{{ column }} is distinct from engagements.{{ column }}
            {% endfor %}
            {% for column in lost %}
            or (
                copies.{{ column }} is distinct from engagements.{{ column }}
                and (engagements.{{ column }} is not null or engagements.row_key is null)
            )
            {% endfor %}
        )
    )
    or copies.received_at < engagements.received_at
    or (copies.received_at = engagements.received_at and copies.occurred_at < engagements.occurred_at)
