{#- Text that is a plain decimal number: no exponent, no group marks, no words such as NaN. -#}
{% macro is_number(expression) -%}
    {{ has_form('trim(' ~ expression ~ ')', '[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)') }}
{%- endmacro %}


{#- The number a text holds, null where it holds none. -#}
{% macro number_from_text(expression, type='decimal(18, 6)') -%}
    case when {{ is_number(expression) }} then {{ dbt.safe_cast('trim(' ~ expression ~ ')', type) }} end
{%- endmacro %}
