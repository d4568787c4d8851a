{{ config(enabled=is_connected('salesforce')) }}
select
    source_table,
    'email' as identity_type,
    old_value as identity_value,
    contact_id,
    cast(null as {{ dbt.type_timestamp() }}) as linked_at
from {{ ref('salesforce_history_rows') }}
where field_name = 'Email' and left_out is null
