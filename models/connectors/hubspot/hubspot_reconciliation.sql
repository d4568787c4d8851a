{{ config(enabled=is_connected('hubspot')) }}
{%- set history = source_table('hubspot', 'contact_property_history') %}

with

counted as (

    {% for source_name, raw_name in [
        ('contact', 'hubspot_contacts'),
        ('contact_list', 'hubspot_lists'),
        ('contact_list_member', 'hubspot_list_memberships'),
        ('contact_form_submission', 'hubspot_activities'),
    ] %}
    {{ count_of_rows(source_name, 'source_rows', source_table('hubspot', source_name).relation) }}
    union all
    {{ count_of_rows(source_name, 'raw_rows', ref(raw_name)) }}
    union all
    {% endfor %}

    {% for source_name, rows in [
        ('email_event', 'hubspot_email_event_rows'),
        ('contact_property_history', 'hubspot_opt_out_rows'),
    ] %}
    {{ count_of_rows(source_name, 'source_rows', source_table('hubspot', source_name).relation) }}
    union all
    {{ count_of_rows(source_name, 'raw_rows', ref('hubspot_email_events'), "source_table = '" ~ source_name ~ "'") }}
    union all
    {{ count_of_left_out_rows(source_name, ref(rows)) }}
    union all
    {% endfor %}

    {{ count_of_rows(
        'contact_property_history', 'other_property', history.relation,
        'coalesce(' ~ raw_text(history, 'name') ~ ", '') <> 'hs_email_optout'"
    ) }}

)

select * from counted
