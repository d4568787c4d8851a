select
    'e' || n as "EVENT_ID",
    case when n = 4 then 'email_hard_bounce' else 'email_click' end as event_type,
    timestamp '2026-05-30 10:00:00' as occurred_at,
    'person' || (1 + n % 3) || '@acme.example' as email_address,
    '''007''' as link_url
from range(1, 5 + {{ var('further_clicks', 0) }}) as events (n)
