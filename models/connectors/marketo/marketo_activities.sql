{{ config(enabled=is_connected('marketo')) }}

select
    source_table,
    {{ raw_columns()['activities'] | join(',\n    ') }}
from {{ ref('marketo_activity_rows') }}
where left_out is null
