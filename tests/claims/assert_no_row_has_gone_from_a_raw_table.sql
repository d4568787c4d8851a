{{ config(severity='warn', meta=is_check_of('scoring_status')) }}
{%- set scoring_status = load_relation(ref('scoring_status')) if execute %}
{%- if scoring_status and flags.WHICH in ['build', 'test'] %}
    {%- for row in run_query('select source, rows_gone from ' ~ scoring_status ~ ' where rows_gone > 0 order by source').rows %}
        {%- do exceptions.warn(
            row[0] ~ ': ' ~ row[1] ~ ' row(s) that were read have gone from the raw table. They are kept, and count as before;'
            ~ ' to score without them, build once with --full-refresh.'
        ) %}
    {%- endfor %}
{%- endif %}

-- Raw tables are append-only. Rows that disappear are kept, because a table may be half loaded, but this warns of them.
select
    source,
    rows_gone
from {{ ref('scoring_status') }}
where rows_gone > 0
