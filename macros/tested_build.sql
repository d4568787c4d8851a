{#-
    One row in points.tested_build says that a build finished and every data test passed, so that it may be published.
    One in points.tested_evaluation says the same of an evaluation of that build. Both are removed before any table can
    change. No model can write them, because tests run after models.
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


{#- The marts of the scores, or of the evaluation, if every model and data test of theirs ended well; else none. -#}
{% macro tested_marts(results, of_evaluation) %}
    {% set ended_well, marts = [], [] %}
    {% for result in results if result.status in ['success', 'pass', 'warn'] %}
        {% do ended_well.append(result.node.unique_id) %}
    {% endfor %}
    {% for node in graph.nodes.values() if node.resource_type in ['seed', 'model', 'test'] and is_of_evaluation(node) == of_evaluation %}
        {#- the demo's rows, and the tests of its story, do not belong to other scores; a test of a model that is off is off -#}
        {% set is_needed = node.config.enabled and node.config.materialized != 'ephemeral'
            and 'demo' not in node.tags and 'demo_story' not in node.tags %}
        {% if is_needed and node.unique_id not in ended_well %}{{ return([]) }}{% endif %}
        {% do marts.append(node.alias) if node.resource_type == 'model' and node.schema == 'marts' %}
    {% endfor %}
    {{ return(marts) }}
{% endmacro %}
