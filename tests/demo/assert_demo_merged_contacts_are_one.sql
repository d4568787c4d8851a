{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- C011 became C010; C014 became C013, which became C012: their engagements are the survivors'.
select
    'row of a merged contact' as mistake,
    contact_id
from {{ ref('contact_scores') }}
where contact_id in ('C011', 'C013', 'C014')

union all

select
    'event of a merged contact is not the survivor''s' as mistake,
    actors.actor as contact_id
from {{ ref('actors') }} as actors
where
    actors.actor_type = 'contact'
    and actors.contact_id is distinct from case actors.actor
        when 'C011' then 'C010'
        when 'C013' then 'C012'
        when 'C014' then 'C012'
        else actors.actor
    end
