{{ config(materialized='view') }}

with

band_rows as (

    select * from {{ ref('band_rows') }}

),

said_rows as (

    select * from {{ ref('said_rows') }}

),

first_handoffs as (

    select
        present_contacts.contact,
        min(sales_handoffs.handed_off_at) as handed_off_at
    from {{ ref('sales_handoffs') }} as sales_handoffs
    inner join {{ ref('present_contacts') }} as present_contacts
        on sales_handoffs.contact_id = present_contacts.contact_id
    group by present_contacts.contact

),

-- sales called these for being high up, and that may be why they had the outcome
not_handed_off as (

    select band_rows.*
    from band_rows
    left join first_handoffs
        on band_rows.contact = first_handoffs.contact and band_rows.past_as_of > first_handoffs.handed_off_at
    where first_handoffs.contact is null

),

banded_rows as (

    {% set panels = {'by_rules': 'band_rows', 'not_handed_off': 'not_handed_off', 'as_said': 'said_rows'} %}
    {% for panel, panel_rows in panels.items() %}
    select
        '{{ panel }}' as panel,
        outcome,
        score_name,
        past_as_of,
        contact,
        y,
        band
    from {{ panel_rows }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from banded_rows
