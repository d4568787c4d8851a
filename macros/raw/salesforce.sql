{#-
    The activity type for a type of Salesforce's tasks or events: what `salesforce_activity_types` says, the standard ones,
    and those of `own`. Another one stays as it is written.
-#}
{% macro salesforce_activity_type(column, own) -%}
    {%- set types = {
        'Call': 'call_logged',
        'Email': 'sales_email',
        'ListEmail': 'sales_email',
        'Meeting': 'meeting_attended',
    } -%}
    {%- do types.update(own) -%}
    {%- set named = var('salesforce_activity_types', {}) -%}
    {#- anything else is an error that check_variables() names: a disabled model is read before it -#}
    {%- do types.update(named) if named is mapping -%}
    case {{ column }}
            {%- for vendor_type, event_type in types.items() %}
            when '{{ vendor_type | replace("'", "''") }}' then '{{ event_type }}'
            {%- endfor %}
            else {{ column }}
        end
{%- endmacro %}
