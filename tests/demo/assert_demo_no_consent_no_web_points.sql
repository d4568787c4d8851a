{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- C015 granted consent and then refused; C016 never decided. No web engagement belongs to either of them.
select
    contact_id,
    event_id
from {{ ref('points_ledger') }}
where
    source = 'web_events'
    and (
        contact_id = 'C015'
        {% if var('require_consent') %}or contact_id = 'C016'{% endif %}
    )
