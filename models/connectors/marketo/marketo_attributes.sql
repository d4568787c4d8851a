{{ config(enabled=is_connected('marketo')) }}
{%- set lead = source_table('marketo', 'lead', ['id', 'email']) %}

with

attributes as (

    {% for name in (['lead_source'] + var('marketo_attributes', [])) | unique %}
    select
        {{ raw_text(lead, 'id') }} as contact_id,
        '{{ name }}' as attribute_name,
        {{ raw_text(lead, name) }} as attribute_value,
        {{ raw_timestamp(lead, 'updated_at') }} as updated_at
    from {{ lead.relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from attributes
where attribute_value is not null
