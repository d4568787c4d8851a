{#- What a model's session is told before the model is built. -#}
{% macro plan_for_many_rows() %}
    {{ return(adapter.dispatch('plan_for_many_rows', 'contact_scoring')()) }}
{% endmacro %}


{% macro default__plan_for_many_rows() %}{% endmacro %}


{#-
    Its planner takes an event's key, source and id for independent of each other, expects one row where a million match, and
    loops over all pairs of rows: at a million events a model took minutes that takes two seconds without. There is no index
    that a loop could use.
-#}
{% macro postgres__plan_for_many_rows() %}set local enable_nestloop = off{% endmacro %}


{#- What tells the planner about a table that was just made: it is read within the second, long before any routine looks at it. -#}
{% macro gather_statistics(relation, materialized) %}
    {{ return(adapter.dispatch('gather_statistics', 'contact_scoring')(relation, materialized)) }}
{% endmacro %}


{% macro default__gather_statistics(relation, materialized) %}{% endmacro %}


{% macro postgres__gather_statistics(relation, materialized) %}
    {{ return('' if materialized == 'view' else 'analyze ' ~ relation) }}
{% endmacro %}
