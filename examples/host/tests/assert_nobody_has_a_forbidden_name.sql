select * from {{ ref('crm_contacts') }} where full_name = '{{ var("forbidden_name", "Zoe") }}'
