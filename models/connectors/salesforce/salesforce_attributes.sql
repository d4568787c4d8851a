{{ config(enabled=is_connected('salesforce')) }}
{%- set contact = source_table('salesforce', 'contact', ['id']) %}
{%- set lead = source_table('salesforce', 'lead') %}
{%- set account = source_table('salesforce', 'account') %}
{%- set names = (['lead_source'] + var('salesforce_attributes', [])) | unique | list %}

with

accounts as (

    select
        {{ raw_text(account, 'id') }} as account_id,
        {% for name in names %}
        {{ raw_text(account, name) }} as attribute_{{ loop.index }},
        {% endfor %}
        {{ version_number(account) }} as version_number
    from {{ account.relation }}

),

people as (

    {% for person in [contact, lead] %}
    select
        {{ raw_text(person, 'id') }} as contact_id,
        {{ raw_text(person, 'account_id') }} as account_id,
        {% for name in names %}
        {{ raw_text(person, name) }} as attribute_{{ loop.index }},
        {% endfor %}
        {{ raw_timestamp(person, 'last_modified_date') }} as updated_at,
        {{ version_number(person) }} as version_number
    from {{ person.relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

attributes as (

    {% for name in names %}
    select
        people.contact_id,
        '{{ name }}' as attribute_name,
        {% if name in contact.types %}
        people.attribute_{{ loop.index }} as attribute_value,
        {% else %}
        coalesce(people.attribute_{{ loop.index }}, accounts.attribute_{{ loop.index }}) as attribute_value,
        {% endif %}
        people.updated_at
    from people
    left join accounts
        on people.account_id = accounts.account_id and accounts.version_number = 1
    where people.version_number = 1
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from attributes
where attribute_value is not null
