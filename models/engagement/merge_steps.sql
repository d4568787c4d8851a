{{ config(
    materialized=worked_out_once('view'),
    post_hook=["{{ follow_merges(this) if not recursive() }}", "{{ stop_on_merge_loops(this) }}"],
) }}

with {{ recursive() }}

contact_rows as (

    select * from {{ ref('contact_rows') }}

),

direct_merges as (

    select
        contact_id,
        merged_into_contact_id
    from contact_rows
    where merged_into_contact_id is not null

),

-- `union`, not `union all`: a loop ends when it comes back to where it has been
merge_steps as (

    select
        contact_id,
        merged_into_contact_id as reached_contact_id
    from direct_merges

    {% if recursive() %}
    union

    select
        merge_steps.contact_id,
        direct_merges.merged_into_contact_id as reached_contact_id
    from merge_steps
    inner join direct_merges
        on merge_steps.reached_contact_id = direct_merges.contact_id
    {% endif %}

)

select * from merge_steps
