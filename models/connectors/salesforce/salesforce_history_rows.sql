{{ config(enabled=is_connected('salesforce')) }}
{%- set contact_history = source_table('salesforce', 'contact_history') %}
{%- set lead_history = source_table('salesforce', 'lead_history') %}

with

changes as (

    {% for source_name, history, key in [
        ('contact_history', contact_history, 'contact_id'),
        ('lead_history', lead_history, 'lead_id'),
    ] %}
    select
        '{{ source_name }}' as source_table,
        {{ raw_text(history, 'id') }} as change_id,
        {{ raw_text(history, key) }} as contact_id,
        {{ raw_text(history, 'field') }} as field_name,
        {{ raw_text(history, 'old_value') }} as old_value,
        {{ raw_boolean(history, 'old_value') }} as was_true,
        {{ raw_boolean(history, 'new_value') }} as is_true,
        {{ raw_timestamp(history, 'created_date') }} as changed_at,
        {{ raw_timestamp(history, '_fivetran_synced') }} as synced_at
    from {{ history.relation }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    *,
    case
        when field_name = 'HasOptedOutOfEmail'
            -- who never opted out cannot opt in again: it would clear an unsubscribe that another tool knows of
            then case when is_true = was_true then 'opt_out_unchanged' end
        when field_name = 'Email'
            then case when old_value is null then 'first_address' end
        else 'other_field'
    end as left_out
from changes
