{{ config(enabled=is_connected('salesforce')) }}
select
    list_id,
    list_name
from {{ ref('salesforce_campaign_rows') }}
where left_out is null
