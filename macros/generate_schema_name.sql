{#-
    Schema names are public (SPEC: `marts`), so this project uses them exactly as written. dbt looks for this macro in
    the root project alone: a project that installed this one names its schemas by its own rule, or dbt's.
-#}
{% macro default__generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
