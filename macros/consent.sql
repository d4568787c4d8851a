{#- Whether a visitor with this latest decision, null for none, may be told apart. -#}
{% macro is_consented(is_granted) -%}
    coalesce({{ is_granted }}, {{ 'false' if var('require_consent') else 'true' }})
{%- endmacro %}
