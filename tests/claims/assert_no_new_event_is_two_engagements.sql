{{ config(meta=is_check_of('engagements')) }}
{%- set last_build = last_build() %}

-- No id that came in since the last complete build is an engagement twice. `make audit` looks at all of them.
with

new_keys as (

    select distinct event_key from {{ ref('read_events') }}
    where outcome = 'engagement' and {{ is_new(last_build) if last_build else 'false' }}

),

engagements as (

    select
        read_events.source,
        read_events.event_id
    from {{ ref('read_events') }} as read_events
    inner join new_keys
        on read_events.event_key = new_keys.event_key
    where read_events.outcome = 'engagement'

)

select
    source,
    event_id,
    count(*) as times
from engagements
group by source, event_id
having count(*) > 1
