{{ config(enabled=is_connected('salesforce')) }}
select
    source_table,
    {{ raw_columns()['email_events'] | join(',\n    ') }}
from {{ ref('salesforce_email_event_rows') }}
where left_out is null
