{{ config(enabled=is_connected('hubspot')) }}
{%- set history = source_table('hubspot', 'contact_property_history') %}

with

changes as (

    select
        {{ raw_text(history, 'contact_id') }} as contact_id,
        {{ raw_boolean(history, 'value') }} as is_out,
        {{ raw_timestamp(history, 'timestamp') }} as occurred_at,
        {{ raw_timestamp(history, '_fivetran_synced') }} as received_at
    from {{ history.relation }}
    where {{ raw_text(history, 'name') }} = 'hs_email_optout'

),

compared as (

    select
        contact_id,
        is_out,
        occurred_at,
        received_at,
        coalesce(lag(is_out) over (partition by contact_id order by occurred_at, is_out), false) as was_out
    from changes

)

select
    'hs_email_optout ' || contact_id || ' ' || cast(occurred_at as {{ dbt.type_string() }}) as event_id,
    case when is_out then 'email_unsubscribe' else 'email_resubscribe' end as event_type,
    occurred_at,
    {{ no_text() }} as email_address,
    contact_id,
    received_at,
    {{ no_text() }} as message_id,
    {{ no_text() }} as campaign_id,
    {{ no_text() }} as link_url,
    {{ no_text() }} as user_agent,
    false as is_machine,
    -- who never opted out cannot opt in again: it would clear an unsubscribe that another tool knows of
    case when is_out = was_out then 'opt_out_unchanged' end as left_out
from compared
