{#- Settings for a model's session, made before the model is built. -#}
{% macro plan_for_many_rows() %}
    {{ return(adapter.dispatch('plan_for_many_rows', 'contact_scoring')()) }}
{% endmacro %}


{#-
    Gathers planner statistics on a table that was just made: it is read within a second, long before a routine job
    looks at it.
-#}
{% macro gather_statistics(relation, materialized) %}
    {{ return(adapter.dispatch('gather_statistics', 'contact_scoring')(relation, materialized)) }}
{% endmacro %}
