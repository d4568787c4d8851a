{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- C017's first open was delivered five times and is one engagement. The opens after it are repeats.
select
    count(*) as opens,
    count(repeats.row_key) as repeats
from {{ ref('engagements') }} as engagements
left join {{ ref('repeats') }} as repeats
    on {{ is_same_row('engagements', 'repeats') }}
where engagements.event_type = 'email_open' and engagements.event_id like 'em-c017-open-%'
having count(*) <> 6 or count(repeats.row_key) <> 5
