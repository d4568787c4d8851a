{#- Keeps an engine from storing the rows of a CTE that is read more than once; where it never does, it has no word for it. -#}
{% macro not_materialized() -%}
    {{ adapter.dispatch('not_materialized', 'contact_scoring')() }}
{%- endmacro %}
