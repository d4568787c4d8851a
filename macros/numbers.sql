{#- A floating-point number of 64 bits. -#}
{% macro type_double() -%}
    {{ adapter.dispatch('type_double', 'contact_scoring')() }}
{%- endmacro %}


{#-
    Whether a text is a plain decimal number with up to 11 digits before the point, so that a cast to decimal(18, 6)
    cannot fail. No exponent, no group marks, no words such as NaN.
-#}
{% macro is_number(expression) -%}
    {{ has_form('trim(' ~ expression ~ ')', '[+-]?(0*[0-9]{1,11}([.][0-9]*)?|[.][0-9]+)') }}
{%- endmacro %}


{#- The number that a text holds; null if it holds none. -#}
{% macro number_from_text(expression) -%}
    case when {{ is_number(expression) }} then cast(trim({{ expression }}) as decimal(18, 6)) end
{%- endmacro %}
