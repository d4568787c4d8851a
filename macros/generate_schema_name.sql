{#- Schema names are public (SPEC: `marts`), so they are used exactly as written. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
