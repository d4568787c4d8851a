{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- C011 was merged into C010; C014 into C013, and that into C012. Their engagements belong to C010 and C012.
with

survivors as (

    {% for merged, survivor in [('C011', 'C010'), ('C013', 'C012'), ('C014', 'C012')] %}
    select
        {{ lookup_key(["'contact'", "'" ~ merged ~ "'"]) }} as actor_key,
        '{{ survivor }}' as contact_id
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    'row of a merged contact' as mistake,
    contact_id
from {{ ref('contact_scores') }}
where contact_id in ('C011', 'C013', 'C014')

union all

select
    'event of a merged contact is not the survivor''s' as mistake,
    survivors.contact_id
from survivors
left join {{ ref('actors') }} as actors
    on survivors.actor_key = actors.actor_key
left join {{ ref('present_contacts') }} as present_contacts
    on actors.contact = present_contacts.contact
where present_contacts.contact_id is distinct from survivors.contact_id
