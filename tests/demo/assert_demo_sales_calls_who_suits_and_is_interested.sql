{{ config(enabled=is_demo_story(), tags=['demo_story']) }}

-- C001 works in a laboratory of a large company and is hot: A1. C023 is a student, and has no grade. C012 is only warm,
-- but leads people who measure, at a large company: A2, which is handed to sales too.
with

expected as (

    select
        'C001' as contact_id,
        'A1' as grade,
        true as is_handed_over
    union all
    select
        'C012' as contact_id,
        'A2' as grade,
        true as is_handed_over
    union all
    select
        'C023' as contact_id,
        null as grade,
        false as is_handed_over

),

handed_over as (

    select contact_id from {{ ref('sales_handoffs') }}
    where score_name = 'engagement'

)

select expected.*
from expected
left join {{ ref('contact_lead_grades') }} as found
    on expected.contact_id = found.contact_id
left join handed_over
    on expected.contact_id = handed_over.contact_id
where
    expected.grade is distinct from found.grade
    or expected.is_handed_over <> (handed_over.contact_id is not null)
