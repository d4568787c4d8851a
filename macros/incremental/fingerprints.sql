{#-
    What every raw event was read under: where from, of what types, by which release of the engine and which text of the
    models. Where it changes, what was read before says nothing about what would be read now.
-#}
{% macro input_fingerprint() %}
    {% set parts = [run_query('select version()').rows[0][0] if execute, var('website_tracking')] %}
    {#- marts are built anew at every build; so are some of these models, but that is not worth a list -#}
    {% for id, node in (graph.nodes if execute else {}) | dictsort %}
        {% if node.resource_type == 'model' and node.fqn[1] in ['staging', 'engagement', 'points'] %}
            {% do parts.append(node.checksum.checksum) %}
        {% endif %}
    {% endfor %}
    {% for source in event_sources() %}
        {% set raw = raw_table(source) %}
        {% do parts.append([source, raw.relation | string, raw.types]) %}
    {% endfor %}
    {{ return(local_md5(parts | string)) }}
{% endmacro %}


{#- The rows of some columns, in an order of their own, as one short text. -#}
{% macro fingerprint(relation, columns) %}
    {#- `dbt compile` comes before the relation is there -#}
    {% if not execute or not load_relation(relation) %}{{ return('') }}{% endif %}
    {% set list = columns | join(', ') %}
    {% set rows = run_query('select ' ~ list ~ ' from ' ~ relation ~ ' order by ' ~ list).rows %}
    {{ return(local_md5(rows | map('list') | list | string)) }}
{% endmacro %}


{#- What the marks of machines were made by. -#}
{% macro machine_user_agents_fingerprint() %}
    {{ return(fingerprint(ref('stg_machine_user_agents'), ['pattern'])) }}
{% endmacro %}


{#- What engagements were counted by: of the rules all but their weights, which come later. -#}
{% macro scoring_rules_fingerprint() %}
    {{ return(fingerprint(ref('stg_scoring_rules'), [
        'rule_id', 'event_type', 'match_field', 'match_operator', 'match_value', 'counts_repeats', 'valid_from', 'valid_to',
    ])) }}
{% endmacro %}


{#- What engagements were kept for disqualification by. -#}
{% macro disqualification_rules_fingerprint() %}
    {{ return(fingerprint(ref('stg_disqualification_rules'), ['event_type', 'cleared_by'])) }}
{% endmacro %}
