{#-
    How a model is kept that several parts of other models read: as it is given, where an engine works out a CTE once however
    often it is read; as a table, where it puts the whole text in each place, eighty times over for who an actor is.
-#}
{% macro worked_out_once(materialized) -%}
    {{ return(adapter.dispatch('worked_out_once', 'contact_scoring')(materialized)) }}
{%- endmacro %}


{% macro default__worked_out_once(materialized) %}{{ return(materialized) }}{% endmacro %}


{% macro spark__worked_out_once(materialized) %}{{ return('table') }}{% endmacro %}
