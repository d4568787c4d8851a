{{ config(enabled=is_connected('segment')) }}

select
    source_table,
    {{ raw_columns()['web_events'] | join(',\n    ') }}
from {{ ref('segment_call_rows') }}
where raw_table = 'web_events' and left_out is null
