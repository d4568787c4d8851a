{#- What a model's session is told before the model is built. -#}
{% macro plan_for_many_rows() %}
    {{ return(adapter.dispatch('plan_for_many_rows', 'contact_scoring')()) }}
{% endmacro %}


{#- What tells the planner about a table that was just made: it is read within the second, long before any routine looks at it. -#}
{% macro gather_statistics(relation, materialized) %}
    {{ return(adapter.dispatch('gather_statistics', 'contact_scoring')(relation, materialized)) }}
{% endmacro %}
