{{ config(enabled=is_connected('segment')) }}

select
    source_table,
    {{ raw_columns()['activities'] | join(',\n    ') }}
from {{ ref('segment_call_rows') }}
where raw_table = 'activities' and left_out is null
