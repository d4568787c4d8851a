{#- Keeps an engine from storing the rows of a CTE that is read more than once; where it never does, it has no word for it. -#}
{% macro not_materialized() -%}
    {{ adapter.dispatch('not_materialized', 'contact_scoring')() }}
{%- endmacro %}


{% macro default__not_materialized() -%}
    not materialized
{%- endmacro %}


{% macro spark__not_materialized() -%}
{%- endmacro %}
