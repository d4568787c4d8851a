{{ config(enabled=is_connected('salesforce')) }}
{#- enhanced status codes: not now, not this message, mailbox full -#}
{%- set passing = '(?:4[.][0-9]+[.][0-9]+|5[.]7[.][0-9]+|5[.]2[.]2)' %}
{%- set reason_in_one_line = "replace(bounce_reason, chr(10), ' ')" %}

with

bounces as (

    select
        source_table || ' (bounces)' as source_table,
        'email_bounced ' || contact_id || ' ' || cast(bounced_at as {{ dbt.type_string() }}) as event_id,
        case
            when {{ has_form(reason_in_one_line, '(?:.*[^0-9.])?' ~ passing ~ '(?:[^0-9.].*)?') }}
                then 'email_soft_bounce'
            else 'email_hard_bounce'
        end as event_type,
        bounced_at as occurred_at,
        email_address,
        contact_id,
        cast(null as {{ dbt.type_timestamp() }}) as received_at,
        case
            when left_out is not null then left_out
            when bounced_at is null then 'not_bounced'
        end as left_out
    from {{ ref('salesforce_people') }}

),

opt_outs as (

    select
        source_table,
        change_id as event_id,
        case when is_true then 'email_unsubscribe' else 'email_resubscribe' end as event_type,
        changed_at as occurred_at,
        {{ no_text() }} as email_address,
        contact_id,
        synced_at as received_at,
        left_out
    from {{ ref('salesforce_history_rows') }}
    where field_name = 'HasOptedOutOfEmail'

),

events as (

    select * from bounces
    union all
    select * from opt_outs

)

select
    source_table,
    event_id,
    event_type,
    occurred_at,
    email_address,
    contact_id,
    received_at,
    {{ no_text() }} as message_id,
    {{ no_text() }} as campaign_id,
    {{ no_text() }} as link_url,
    {{ no_text() }} as user_agent,
    false as is_machine,
    left_out
from events
