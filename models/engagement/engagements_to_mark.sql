{%- set last_build = last_build_under('machine_user_agents', machine_user_agents_fingerprint()) %}
-- depends_on: {{ ref('touched_engagements') }}

with

engagements_to_mark as (

    {% if last_build %}
    select * from {{ ref('touched_engagements') }}
    {% else %}
    select * from {{ ref('read_events') }}
    where outcome = 'engagement'
    {% endif %}

)

select
    {{ marked_by_columns() | join(',\n    ') }}
from engagements_to_mark
