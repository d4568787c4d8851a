{#-
    Takes deleted contacts out of accepted_events when a run is over: their events, and what other people's web
    events say of them. It could not be left out before: who an anonymous visitor was may be known from it alone.
-#}
{% macro forget_erased_events() %}
    {% set accepted_events = ref('accepted_events') %}
    {% set erased_actors = ref('erased_actors') %}
    {% if not (execute and load_relation(accepted_events) and load_relation(erased_actors)) %}
        {{ return('') }}
    {% endif %}

    {% do run_query(
        'update ' ~ accepted_events ~ ' set email_address = null'
        ~ " where source = 'web_events' and email_address is not null and "
        ~ is_erased("'email'", 'email_address', erased_actors)
    ) %}
    {% do run_query(
        'update ' ~ accepted_events ~ ' set email_click_event_id = null where email_click_event_id in ('
        ~ 'select event_id from ' ~ accepted_events ~ " where event_type = 'email_click' and source = 'email_events' and "
        ~ is_erased('actor_type', 'actor', erased_actors) ~ ')'
    ) %}
    {% do run_query(
        'delete from ' ~ accepted_events ~ ' where ' ~ is_erased('actor_type', 'actor', erased_actors)
    ) %}
{% endmacro %}


{#- Whether an actor is a deleted contact's. -#}
{% macro is_erased(actor_type, actor, erased_actors) -%}
    ({{ actor_type }}, {{ dbt.hash(actor) }}) in (select actor_type, actor_hash from {{ erased_actors }})
{%- endmacro %}
