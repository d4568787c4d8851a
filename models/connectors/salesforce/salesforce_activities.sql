{{ config(enabled=is_connected('salesforce')) }}
select
    source_table,
    event_id,
    event_type,
    occurred_at,
    contact_id,
    -- records are edited: the time of the last sync would make every edited one a new row
    cast(null as {{ dbt.type_timestamp() }}) as received_at,
    detail
from {{ ref('salesforce_activity_rows') }}
where left_out is null
