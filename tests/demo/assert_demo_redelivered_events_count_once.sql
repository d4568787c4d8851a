{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- C017's first open was delivered five times and is one engagement; the opens after it are repeats.
select
    count(*) as opens,
    sum(case when is_repeat then 1 else 0 end) as repeats
from {{ ref('engagements') }}
where event_type = 'email_open' and event_id like 'em-c017-open-%'
having count(*) <> 6 or sum(case when is_repeat then 1 else 0 end) <> 5
