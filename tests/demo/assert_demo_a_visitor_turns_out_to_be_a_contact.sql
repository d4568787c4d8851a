{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- C009 browsed for weeks before a form identified the visitor. The views from before the form count too.
select count(*) as views_before_the_form
from {{ ref('points_ledger') }}
where contact_id = 'C009' and source = 'web_events' and earns and occurred_at < timestamp '2026-11-06 00:00:00'
having count(*) = 0
