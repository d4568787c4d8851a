{#-
    One row in points.tested_build says that a build finished and every data test passed, so that it may be published.
    It is removed before any table can change. No model can write it, because tests run after models.
-#}
{% macro forget_tested_build() %}
    {{ return(adapter.dispatch('forget_tested_build', 'contact_scoring')()) }}
{% endmacro %}


{% macro note_tested_build(results) %}
    {{ return(adapter.dispatch('note_tested_build', 'contact_scoring')(results)) }}
{% endmacro %}


{#- Whether a node belongs to the evaluation: a model with the tag, or a test of one. No score depends on it. -#}
{% macro is_of_evaluation(node) %}
    {% if 'evaluation' in node.tags %}{{ return(true) }}{% endif %}
    {% if node.resource_type == 'test' %}
        {% for read in node.depends_on.nodes if read in graph.nodes and 'evaluation' in graph.nodes[read].tags %}
            {{ return(true) }}
        {% endfor %}
    {% endif %}
    {{ return(false) }}
{% endmacro %}


{#- Whether this run writes a table of the scores. An evaluation on its own leaves the tested build as it is. -#}
{% macro writes_scores() %}
    {% for node in graph.nodes.values() if node.unique_id in selected_resources and node.resource_type in ['seed', 'model'] %}
        {% if not is_of_evaluation(node) %}{{ return(true) }}{% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}
