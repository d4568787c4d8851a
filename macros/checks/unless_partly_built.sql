{#-
    The last line of a test that compares models. If a run builds only some of them (`dbt build -s +active_contacts`),
    the others hold what an earlier build found, and the test says nothing.
-#}
{% macro unless_partly_built() -%}
    {%- set built = [] -%}
    {%- set models = model.depends_on.nodes | select('in', graph.nodes) | list if execute else [] -%}
    {%- for parent in models if parent in selected_resources %}{% do built.append(parent) %}{% endfor -%}
    {{ 'limit 0' if built and built | length < models | length }}
{%- endmacro %}
