{#- Whether a visitor may be identified, given the latest decision (null if there is none). -#}
{% macro is_consented(is_granted) -%}
    coalesce({{ is_granted }}, {{ 'false' if var('require_consent') else 'true' }})
{%- endmacro %}
