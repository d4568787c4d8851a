{{ config(enabled=is_connected('hubspot')) }}
{%- set submission = source_table('hubspot', 'contact_form_submission') %}
{%- set form = source_table('hubspot', 'form') %}

with

submissions as (

    select
        {{ raw_text(submission, 'conversion_id') }} as conversion_id,
        {{ raw_text(submission, 'contact_id') }} as contact_id,
        {{ raw_text(submission, 'form_id') }} as form_id,
        {{ raw_text(submission, 'title') }} as title,
        {{ raw_timestamp(submission, 'timestamp') }} as occurred_at,
        {{ raw_timestamp(submission, '_fivetran_synced') }} as received_at
    from {{ submission.relation }}

),

forms as (

    select
        {{ raw_text(form, 'guid') }} as form_id,
        {{ raw_text(form, 'name') }} as form_name
    from {{ form.relation }}

)

select
    submissions.conversion_id as event_id,
    'form_submission' as event_type,
    submissions.occurred_at,
    submissions.contact_id,
    submissions.received_at,
    coalesce(forms.form_name, submissions.title, submissions.form_id) as detail
from submissions
left join forms on submissions.form_id = forms.form_id
