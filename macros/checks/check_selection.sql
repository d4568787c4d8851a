{#- Stops a run of some of the models whose result would not fit the others, which stand as they were built. -#}
{% macro check_selection() %}
    {% set scoring_status, erased_actors = ref('scoring_status'), ref('erased_actors') %}
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

    {#- what tells an anonymous visitor for a deleted contact's may be gone with the contact -#}
    {% if 'erased_actors' in selected and 'accepted_events' in left_out and load_relation(erased_actors)
        and run_query('select 1 from ' ~ erased_actors ~ ' limit 1').rows %}
        {{ exceptions.raise_compiler_error(
            'erased_actors is selected without accepted_events, which no longer holds the events of deleted contacts: '
            ~ 'they would come back. Build all of the models, or select accepted_events too.'
        ) }}
    {% endif %}
{% endmacro %}
