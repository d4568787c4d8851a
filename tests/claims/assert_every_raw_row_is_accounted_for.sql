-- For each event table, rows read = engagements + duplicates + rejected + erased.
select
    source,
    rows_read,
    engagements,
    duplicates,
    rejected,
    erased
from {{ ref('scoring_status') }}
where rows_read <> engagements + duplicates + rejected + erased or duplicates < 0
