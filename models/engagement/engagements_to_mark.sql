{%- set last_build = last_build() %}
{%- set patterns = machine_user_agents_fingerprint() %}
{%- set are_all = not last_build or last_build.machine_user_agents != patterns %}
-- depends_on: {{ ref('touched_engagements') }}

with

engagements_to_mark as (

    {% if are_all %}
    select * from {{ ref('read_events') }}
    where outcome = 'engagement'
    {% else %}
    select * from {{ ref('touched_engagements') }}
    {% endif %}

)

select
    source,
    event_id,
    event_key,
    event_type,
    actor_type,
    actor,
    occurred_at,
    period_start,
    received_at,
    message_id,
    link_url,
    user_agent,
    is_flagged_machine
from engagements_to_mark
