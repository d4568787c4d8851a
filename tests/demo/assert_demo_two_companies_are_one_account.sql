{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- Copper Creek Utilities and Prairie Lakes Water District are one account in the CRM. All other accounts are companies.
select
    account_id,
    account_name,
    contacts
from {{ ref('account_scores') }}
where
    account_name = 'Prairie Lakes Water District'
    or account_id = 'copper creek utilities'
    or (account_id = 'US-WATER' and (account_name <> 'Copper Creek Utilities' or contacts <> 29))
