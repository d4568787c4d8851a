{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- Who read the blog less than three times within 30 days earns nothing by it, and the ledger says why.
select
    contact_id,
    count(*) as n_views
from {{ ref('points_ledger') }}
where
    rule_id = 'reads_the_blog'
    and contact_id is not null
    and occurred_at >= as_of - interval '30' day
group by contact_id
having
    (count(*) < 3 and sum(case when unearned_reason = 'too_few' then 0 else 1 end) > 0)
    or (count(*) >= 3 and sum(case when unearned_reason = 'too_few' then 1 else 0 end) > 0)
