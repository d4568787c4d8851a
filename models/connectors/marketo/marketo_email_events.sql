{{ config(enabled=is_connected('marketo')) }}

select
    source_table,
    {{ raw_columns()['email_events'] | join(',\n    ') }}
from {{ ref('marketo_email_event_rows') }}
where left_out is null
