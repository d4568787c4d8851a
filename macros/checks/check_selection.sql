{#- Stops a run of some of the models whose result would not fit the others, which stand as they were built. -#}
{% macro check_selection() %}
    {% set scoring_status = ref('scoring_status') %}
    {% if not execute %}{{ return('') }}{% endif %}

    {% set selected, left_out = [], [] %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.fqn[1] != 'staging' %}
        {% do (selected if node.unique_id in selected_resources else left_out).append(node.name) %}
    {% endfor %}
    {% if not selected or not left_out %}{{ return('') }}{% endif %}

    {% if load_relation(scoring_status) %}
        {% set built_for = run_query('select max(as_of) from ' ~ scoring_status).rows[0][0] | string %}
        {% if built_for != as_of_text() %}
            {{ exceptions.raise_compiler_error(
                'A part of the models is selected, for ' ~ as_of_text() ~ ', and the others were built for ' ~ built_for
                ~ ". Build all of them, or the part with --vars '{as_of: \"" ~ built_for ~ "\"}'."
            ) }}
        {% endif %}
    {% endif %}

    {#- what one of them has not seen, the next build would take for seen -#}
    {% set unseen = incremental_models() | select('in', left_out) | list %}
    {% if 'last_build' in selected and unseen %}
        {{ exceptions.raise_compiler_error(
            'last_build is selected without ' ~ unseen | join(', ') ~ ", which it says are built. Build all of the models, or leave it out."
        ) }}
    {% endif %}
{% endmacro %}
