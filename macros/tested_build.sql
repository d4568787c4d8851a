{#-
    One row in points.tested_build says that a build came to its end and that every data test passed: what may be published.
    It is gone from the moment in which a table may be changed. No model can say so, for tests come after models.
-#}
{% macro forget_tested_build() %}
    {{ return(adapter.dispatch('forget_tested_build', 'contact_scoring')()) }}
{% endmacro %}


{#- Only DuckDB's file is published: servers are read where they are. -#}
{% macro default__forget_tested_build() %}{% endmacro %}


{% macro duckdb__forget_tested_build() %}
    {% if execute and flags.WHICH in ['build', 'run', 'seed'] and target.name != 'preview' %}
    drop table if exists points.tested_build
    {% endif %}
{% endmacro %}


{% macro note_tested_build(results) %}
    {{ return(adapter.dispatch('note_tested_build', 'contact_scoring')(results)) }}
{% endmacro %}


{% macro default__note_tested_build(results) %}{% endmacro %}


{% macro duckdb__note_tested_build(results) %}
    {% if not execute or flags.WHICH != 'build' or flags.EMPTY or target.name == 'preview' %}{{ return('') }}{% endif %}
    {% set ended_well, marts = [], [] %}
    {% for result in results if result.status in ['success', 'pass', 'warn'] %}
        {% do ended_well.append(result.node.unique_id) %}
    {% endfor %}
    {% for node in graph.nodes.values() if node.resource_type in ['seed', 'model', 'test'] %}
        {#- the demo's rows, and what its story says of them, are no part of other scores -#}
        {% set is_needed = node.config.materialized != 'ephemeral' and 'demo' not in node.tags and 'demo_story' not in node.tags %}
        {% if is_needed and node.unique_id not in ended_well %}{{ return('') }}{% endif %}
        {% do marts.append(node.name) if node.resource_type == 'model' and node.fqn[1] == 'marts' %}
    {% endfor %}
    create table points.tested_build as
    select
        {{ as_of() }} as as_of,
        {{ raw_input() == 'demo' }} as is_demo,
        {# what else is in their schema is not this build's, and was not tested #}
        '{{ marts | sort | join(' ') }}' as marts
{% endmacro %}
