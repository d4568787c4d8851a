{#-
    Text that is a plain decimal number of up to 11 digits before the point, so that a cast to decimal(18, 6)
    cannot fail: no exponent, no group marks, no words such as NaN.
-#}
{% macro is_number(expression) -%}
    {{ has_form('trim(' ~ expression ~ ')', '[+-]?(0*[0-9]{1,11}([.][0-9]*)?|[.][0-9]+)') }}
{%- endmacro %}


{#- The number a text holds, null where it holds none. -#}
{% macro number_from_text(expression) -%}
    case when {{ is_number(expression) }} then cast(trim({{ expression }}) as decimal(18, 6)) end
{%- endmacro %}
