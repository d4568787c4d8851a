{#- Stops a run on an engine that cannot read the input, or is set up so that scores would be wrong without a word. -#}
{% macro check_engine() %}
    {{ return(adapter.dispatch('check_engine', 'contact_scoring')()) }}
{% endmacro %}
