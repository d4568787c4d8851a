{{ config(materialized='ephemeral') }}

-- A contact's engagements of the last 90 days, by day.

with

engagements as (

    select * from {{ ref('engagements') }}

),

owners as (

    select * from {{ ref('owners') }}

)

select
    owners.contact_id,
    -- 1 for the last 24 hours
    (epoch_us(timestamp '{{ env_var("DENSE_AS_OF") }}') - 1 - epoch_us(engagements.occurred_at)) // 86400000000 + 1
        as age_days,
    count(*) as times_earned
from engagements
inner join owners
    on engagements.actor = owners.actor
where
    engagements.occurred_at >= timestamp '{{ env_var("DENSE_AS_OF") }}' - interval 90 days
    and engagements.occurred_at < timestamp '{{ env_var("DENSE_AS_OF") }}'
group by all
