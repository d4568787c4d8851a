{{ config(enabled=is_connected('hubspot')) }}
{%- set contact = source_table('hubspot', 'contact', ['id']) %}

with

attributes as (

    {% for name in (['lifecyclestage'] + var('hubspot_attributes', [])) | unique %}
    select
        {{ raw_text(contact, 'id') }} as contact_id,
        '{{ name }}' as attribute_name,
        {{ raw_text(contact, 'property_' ~ name) }} as attribute_value,
        {{ raw_timestamp(contact, 'property_lastmodifieddate') }} as updated_at
    from {{ contact.relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from attributes
where attribute_value is not null
