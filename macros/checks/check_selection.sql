{#- Stops a run of some of the models whose result would not fit the others, which stand as they were built. -#}
{% macro check_selection() %}
    {% set scoring_status = ref('scoring_status') %}
    {% if not execute %}{{ return('') }}{% endif %}

    {% set selected, left_out, left_out_before_marts = [], [], [] %}
    {% for node in graph.nodes.values() if node.resource_type == 'model' and node.fqn[1] != 'staging'
        and node.config.materialized != 'ephemeral' %}
        {% do (selected if node.unique_id in selected_resources else left_out).append(node.name) %}
        {% do left_out_before_marts.append(node.name) if node.name in left_out and node.fqn[1] != 'marts' %}
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

    {#- what one of them has not seen, the next build would take for seen; what is erased from one would stay in another -#}
    {% set going_on = incremental_models() | select('in', selected) | list %}
    {#- and what is a step on the way is empty again -#}
    {% set steps = tables_on_the_way() %}
    {% for node in graph.nodes.values() if node.name in selected %}
        {% set reads_steps = steps | map(attribute='unique_id') | select('in', node.depends_on.nodes) | list %}
        {% do going_on.append(node.name) if (node in steps or reads_steps) and node.name not in going_on %}
    {% endfor %}
    {% if going_on and left_out_before_marts %}
        {{ exceptions.raise_compiler_error(
            'Selected is ' ~ going_on | join(', ') ~ ', which goes on from the last build together with '
            ~ left_out_before_marts | join(', ') ~ '. Build all of the models, or a part that leaves all of these out.'
        ) }}
    {% endif %}
{% endmacro %}
