{{ config(meta=is_check_of('contact_scores')) }}

-- A disqualified contact has score 0 in every window and no band, and its status says so.
with

disqualified as (

    select distinct contact_id from {{ ref('disqualified_contacts') }}

),

scored_as_disqualified as (

    select
        contact_id,
        band is not null
        or is_sales_ready
        {% for window_days in named_windows() %}
        or score_{{ window_days }}d <> 0
        {% endfor %}
            as has_score
    from {{ ref('contact_scores') }}
    where status = 'disqualified'

)

select coalesce(disqualified.contact_id, scored_as_disqualified.contact_id) as contact_id
from disqualified
full outer join scored_as_disqualified
    on disqualified.contact_id = scored_as_disqualified.contact_id
where disqualified.contact_id is null or scored_as_disqualified.contact_id is null or scored_as_disqualified.has_score
{{ unless_partly_built() }}
