{{ config(enabled=connectors_of('contacts') | length > 0) }}
{%- set connectors = var('connectors', none) or [] %}

with

united as (

    {% for connector in connectors if connector in connectors_of('contacts') %}
    select
        {{ connectors.index(connector) }} as place,
        {{ normalised_email('email_address') }} as address,
        {{ raw_columns()['contacts'] | join(',\n        ') }}
    from {{ ref(connector ~ '_contacts') }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
    {% if is_modelled('contacts') %}
    union all
    select
        -1 as place,
        {{ normalised_email('email_address') }} as address,
        {{ raw_columns()['contacts'] | join(',\n        ') }}
    from (
        {{ rows_of_model('contacts') }}
    ) as modelled
    {% endif %}

),

ranked as (

    select
        place,
        address,
        contact_id,
        row_number() over (
            partition by address
            order by place asc, updated_at desc nulls last, contact_id asc
        ) as address_rank
    from united
    -- a contact that was merged away leads on to the one that is left, whatever became of itself
    where address is not null and (merged_into_contact_id is not null or deleted_at is null)

),

-- the contact of the host's own model, or of the tool that `connectors` names first
known as (

    select * from ranked
    where address_rank = 1

)

select
    {% for column in raw_columns()['contacts'] if column != 'merged_into_contact_id' %}
    united.{{ column }},
    {% endfor %}
    case
        when united.merged_into_contact_id is null and united.deleted_at is null and known.place < united.place
            then known.contact_id
        else united.merged_into_contact_id
    end as merged_into_contact_id
from united
left join known on united.address = known.address
