{#- The models that remember more than what the last build made of the raw tables: all that a build goes on from. -#}
{% macro incremental_models() %}
    {{ return([
        'read_events', 'event_marks', 'linking_engagements', 'erased_actors', 'erased_events',
        'disqualifying_engagements', 'period_counts', 'last_build',
    ]) }}
{% endmacro %}


{#-
    Drops what was read and counted of another input, or what a first build left that did not come to its end, so
    that this build reads everything. A full refresh, which is of all of them, does so by itself.
-#}
{% macro start_over_where_nothing_can_be_gone_on_from() %}
    {% set input = input_fingerprint() %}
    {#- `dbt compile` and `dbt docs generate` come by here too -#}
    {% if not execute or flags.WHICH not in ['build', 'run'] or 'model.contact_scoring.read_events' not in selected_resources %}
        {{ return('') }}
    {% endif %}
    {#- a table may be missing: somebody dropped it, or it is a later release's -#}
    {% set last_build = last_build() %}
    {% set missing = [] %}
    {% for model in incremental_models() if not built_before(model) %}{% do missing.append(model) %}{% endfor %}
    {% if last_build and last_build.input == input and not missing %}
        {{ return('' if changes_many_tables_at_once() else forget_fingerprint('input', none)) }}
    {% endif %}

    {#- last_build first: a run that is stopped here starts over again -#}
    {% for model in incremental_models() | reverse if model == 'last_build' or not flags.FULL_REFRESH %}
        {% set relation = built_before(model) %}
        {% if relation %}{% do adapter.drop_relation(relation) %}{% endif %}
    {% endfor %}
{% endmacro %}


{#-
    Whether what a model and its hooks change is changed as one, or not at all. Where it is not, a build that stops halfway
    may leave rows that the next one would take for settled: so last_build says of what input it was only once a build
    has come to its end.
-#}
{% macro changes_many_tables_at_once() %}
    {{ return(adapter.dispatch('changes_many_tables_at_once', 'contact_scoring')()) }}
{% endmacro %}


{% macro default__changes_many_tables_at_once() %}{{ return(true) }}{% endmacro %}


{% macro spark__changes_many_tables_at_once() %}{{ return(false) }}{% endmacro %}
