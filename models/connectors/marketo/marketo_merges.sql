{{ config(enabled=is_connected('marketo')) }}
{%- set merged_lead = source_table('marketo', 'merged_lead') %}
{%- set merge_leads = source_table('marketo', 'activity_merge_leads') %}

with

merge_activities as (

    -- the lead of the activity is the one that was kept; merge_ids are the others, as in [12, 34]
    select
        {{ raw_text(merge_leads, 'lead_id') }} as merged_into_contact_id,
        translate({{ raw_text(merge_leads, 'merge_ids') }}, ', []', ';') as merge_ids
    from {{ merge_leads.relation }}

),

ids as (

    {{ separated_values('merge_activities', 'merged_into_contact_id', 'merge_ids') }}

),

named as (

    select
        value as contact_id,
        merged_into_contact_id,
        2 as preference
    from ids

    union all

    select
        {{ raw_text(merged_lead, 'merged_lead') }} as contact_id,
        {{ raw_text(merged_lead, 'into_lead') }} as merged_into_contact_id,
        1 as preference
    from {{ merged_lead.relation }}

),

ranked as (

    select
        contact_id,
        merged_into_contact_id,
        row_number() over (partition by contact_id order by preference, merged_into_contact_id) as place
    from named
    where contact_id <> merged_into_contact_id

)

select
    contact_id,
    merged_into_contact_id
from ranked
where place = 1
