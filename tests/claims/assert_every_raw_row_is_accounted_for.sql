-- For each event table, rows read = engagements + duplicates + rejected + erased.
select *
from {{ ref('scoring_status') }}
where rows_read <> engagements + duplicates + rejected + erased
