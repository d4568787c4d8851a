{{ config(enabled=is_connected('marketo')) }}
{%- set change_data_value = source_table('marketo', 'activity_change_data_value') %}

with

changes as (

    select
        {{ raw_text(change_data_value, 'id') }} as change_id,
        {{ raw_text(change_data_value, 'lead_id') }} as contact_id,
        {{ raw_text(change_data_value, 'primary_attribute_value') }} as field_name,
        {{ raw_text(change_data_value, 'old_value') }} as old_value,
        {{ raw_boolean(change_data_value, 'old_value') }} as was_true,
        {{ raw_boolean(change_data_value, 'new_value') }} as is_true,
        {{ raw_timestamp(change_data_value, 'activity_date') }} as changed_at,
        {{ raw_timestamp(change_data_value, '_fivetran_synced') }} as synced_at
    from {{ change_data_value.relation }}

)

select
    *,
    case
        when field_name = 'Unsubscribed'
            -- who never unsubscribed cannot come back: it would clear an unsubscribe that another tool knows of
            then case when is_true = was_true then 'opt_out_unchanged' end
        when field_name = 'Email Address'
            then case when old_value is null then 'first_address' end
        else 'other_field'
    end as left_out
from changes
