{{ config(enabled=is_connected('hubspot')) }}
{%- set contact = source_table('hubspot', 'contact', ['id']) %}

with

listed as (

    select
        {{ raw_text(contact, 'id') }} as contact_id,
        {{ raw_text(contact, 'property_hs_additional_emails') }} as additional_emails
    from {{ contact.relation }}

),

addresses as (

    {{ separated_values('listed', 'contact_id', 'additional_emails') }}

)

select
    'email' as identity_type,
    value as identity_value,
    contact_id,
    cast(null as {{ dbt.type_timestamp() }}) as linked_at
from addresses
