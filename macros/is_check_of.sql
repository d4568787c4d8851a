{#- The model on which Dagster shows a test that looks at several. -#}
{% macro is_check_of(model) %}{{ return({'dagster': {'ref': {'name': model}}}) }}{% endmacro %}
