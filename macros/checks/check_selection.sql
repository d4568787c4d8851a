{#-
    Stops a run of selected models if the models that they read were built for a different as-of. Their rows would name
    one as-of and hold data of another. A selection that includes everything it reads (`+contact_scores`) is always
    right.
-#}
{% macro check_selection() %}
    {% set scoring_status = table_of_last_build('scoring_status') %}
    {% if not execute or not scoring_status %}{{ return('') }}{% endif %}

    {% set read_as_they_are = [] %}
    {% for node in graph.nodes.values() if node.unique_id in selected_resources and node.resource_type == 'model' and node.package_name == 'contact_scoring' %}
        {% for parent in node.depends_on.nodes if parent not in selected_resources %}
            {% set model = graph.nodes.get(parent) %}
            {% do read_as_they_are.append(model.name) if model and model.resource_type == 'model' and model.package_name == 'contact_scoring'
                and model.fqn[1] in ['engagement', 'points', 'marts'] and model.config.materialized != 'ephemeral' %}
        {% endfor %}
    {% endfor %}
    {% if not read_as_they_are %}{{ return('') }}{% endif %}

    {% set built_for = run_query('select max(as_of) from ' ~ scoring_status).rows[0][0] | string %}
    {% if built_for != as_of_text() %}
        {{ exceptions.raise_compiler_error(
            'A part of the models is selected, for ' ~ as_of_text() ~ ', which reads ' ~ read_as_they_are | unique | sort | join(', ')
            ~ ' as built for ' ~ built_for ~ ". Select these too (dbt build -s +MODEL), or build with --vars '{as_of: \"" ~ built_for ~ "\"}'."
        ) }}
    {% endif %}
{% endmacro %}
