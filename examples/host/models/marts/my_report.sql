select
    contact_id,
    score,
    band
from {{ ref('contact_scoring', 'active_contacts') }}
where window_days = 30 and as_of >= '{{ var("report_since") }}'
