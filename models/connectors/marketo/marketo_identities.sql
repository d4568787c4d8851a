{{ config(enabled=is_connected('marketo')) }}

with

addresses as (

    -- the address that was written to may have changed since
    select
        email_address,
        contact_id,
        occurred_at as linked_at
    from {{ ref('marketo_email_event_rows') }}
    where email_address is not null

    union all

    select
        old_value as email_address,
        contact_id,
        cast(null as {{ dbt.type_timestamp() }}) as linked_at
    from {{ ref('marketo_change_rows') }}
    where field_name = 'Email Address' and left_out is null

)

select
    'email' as identity_type,
    email_address as identity_value,
    contact_id,
    linked_at
from addresses
