{#-
    Takes the events of deleted contacts out of accepted_events when a run is over. They could not be left out
    before: who an anonymous visitor was may be known from one of them alone.
-#}
{% macro forget_erased_events() %}
    {% set accepted_events = ref('accepted_events') %}
    {% set erased_actors = ref('erased_actors') %}
    {% if execute and load_relation(accepted_events) and load_relation(erased_actors) %}
        {% do run_query(
            'delete from ' ~ accepted_events ~ ' where exists (select 1 from ' ~ erased_actors ~ ' as erased_actors'
            ~ ' where erased_actors.actor_type = accepted_events.actor_type'
            ~ ' and erased_actors.actor_hash = ' ~ dbt.hash('accepted_events.actor') ~ ')'
        ) %}
    {% endif %}
{% endmacro %}
