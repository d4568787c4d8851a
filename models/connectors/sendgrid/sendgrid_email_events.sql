{{ config(enabled=is_connected('sendgrid')) }}

select
    {{ raw_columns()['email_events'] | join(',\n    ') }}
from {{ ref('sendgrid_event_rows') }}
where left_out is null
