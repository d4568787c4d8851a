-- An engagement counts from 90 days before as-of until just before it.
select
    source,
    event_id
from {{ ref('points_ledger') }}
where occurred_at >= as_of or occurred_at < {{ dbt.dateadd('day', -90, 'as_of') }}
