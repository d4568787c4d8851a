-- depends_on: {{ ref('raw_tables') }}, which checks them
{%- set raw = raw_table('identities') %}

with

source as (

    select * from {{ raw.relation }}

),

typed as (

    select
        -- ids
        {{ raw_text(raw, 'identity_type') }} as identity_type,
        {{ raw_text(raw, 'identity_value') }} as identity_value,
        {{ raw_text(raw, 'contact_id') }} as contact_id,

        -- times that are filled in but cannot be read
        {{ raw_is_unreadable(raw, 'linked_at') }} as has_unreadable_linked_at,

        -- timestamps
        {{ raw_timestamp(raw, 'linked_at') }} as linked_at

    from source

),

normalised as (

    select
        identity_type,
        contact_id,
        has_unreadable_linked_at,
        linked_at,
        case
            when identity_type = 'email' then {{ normalised_email('identity_value') }}
            else identity_value
        end as identity_value

    from typed

)

select * from normalised
