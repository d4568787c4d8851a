{#-
    Keeps an engine from storing the rows of a CTE that is read more than once. Empty on an engine that never stores
    them.
-#}
{% macro not_materialized() -%}
    {{ adapter.dispatch('not_materialized', 'contact_scoring')() }}
{%- endmacro %}
