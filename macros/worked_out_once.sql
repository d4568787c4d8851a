{#-
    How a model is kept that several parts of other models read: as it is given, where an engine works out a CTE once however
    often it is read; as a table, where it puts the whole text in each place, eighty times over for who an actor is.
-#}
{% macro worked_out_once(materialized) -%}
    {{ return('table' if writes_out_ctes() else materialized) }}
{%- endmacro %}


{% macro writes_out_ctes() -%}
    {{ return(adapter.dispatch('writes_out_ctes', 'contact_scoring')()) }}
{%- endmacro %}


{% macro default__writes_out_ctes() %}{{ return(false) }}{% endmacro %}


{% macro spark__writes_out_ctes() %}{{ return(true) }}{% endmacro %}


{#- The tables that this makes of models: steps on the way, whose rows a build takes out again when they have been read. -#}
{% macro tables_on_the_way() %}
    {% set found = [] %}
    {% if not (execute and writes_out_ctes()) %}{{ return(found) }}{% endif %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and 'worked_out_once(' in node.raw_code %}
        {% do found.append(node) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}
