{#- How many threads a query runs on, where the engine runs in dbt's own process. -#}
{% macro limit_threads() -%}
    {{ adapter.dispatch('limit_threads', 'contact_scoring')() }}
{%- endmacro %}
