{{ config(enabled=is_connected('salesforce')) }}
{%- set campaign = source_table('salesforce', 'campaign') %}

with

campaigns as (

    select
        {{ raw_text(campaign, 'id') }} as list_id,
        {{ raw_text(campaign, 'name') }} as list_name,
        {{ is_gone(campaign) }} as is_deleted,
        {{ raw_timestamp(campaign, '_fivetran_synced') }} as synced_at,
        {{ version_number(campaign) }} as version_number
    from {{ campaign.relation }}

)

select
    *,
    case when version_number > 1 then 'earlier_version' end as left_out
from campaigns
