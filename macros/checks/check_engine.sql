{#- Stops a run on an engine that cannot read the input, or whose setup would silently make scores wrong. -#}
{% macro check_engine() %}
    {{ return(adapter.dispatch('check_engine', 'contact_scoring')()) }}
{% endmacro %}
