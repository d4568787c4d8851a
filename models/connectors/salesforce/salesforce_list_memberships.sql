{{ config(enabled=is_connected('salesforce')) }}
select
    members.list_id,
    members.contact_id,
    members.added_at,
    case
        when members.is_deleted then coalesce(members.synced_at, {{ as_of() }})
        when campaigns.is_deleted then coalesce(campaigns.synced_at, {{ as_of() }})
    end as removed_at
from {{ ref('salesforce_campaign_member_rows') }} as members
left join {{ ref('salesforce_campaign_rows') }} as campaigns
    on members.list_id = campaigns.list_id and campaigns.left_out is null
where members.left_out is null
