{#- The model under which Dagster shows a test that covers several models. -#}
{% macro is_check_of(model) %}{{ return({'dagster': {'ref': {'name': model}}}) }}{% endmacro %}
