{#- Whether a visitor was linked anew after the link that an earlier build knew. -#}
{% macro is_later_link(link, known) -%}
    coalesce({{ link }}.linked_at > {{ known }}.linked_at, {{ link }}.linked_at is not null)
{%- endmacro %}


{#-
    Takes deleted contacts out of what is kept of events, in the transaction in which erased_events counts them: their
    rows, and what other people's rows say of them. Only the newly deleted have old rows.
-#}
{% macro forget_erased_rows() %}
    {% set read_events, event_marks, erased_actors = ref('read_events'), ref('event_marks'), ref('erased_actors') %}
    {% set linking_engagements = ref('linking_engagements') %}
    {% set last_build = last_build() %}
    {% if target.name == 'preview' %}{{ return('') }}{% endif %}
    {% set is_newly_deleted = 'select actor_key from ' ~ erased_actors ~ ' where ' ~ is_new(last_build) %}

    {% for model in [read_events, linking_engagements] %}
    update {{ model }} set email_click_event_id = null
    where
        email_click_event_id is not null
        and {{ lookup_key(["'email_events'", 'email_click_event_id']) }} in (select event_key from {{ this }});

    update {{ model }} set email_address = null
    where
        email_address is not null
        and {{ lookup_key(["'email'", 'email_address']) }} in (select actor_key from {{ erased_actors }});
    {% endfor %}

    delete from {{ read_events }}
    where {{ is_new(last_build) }} and {{ lookup_key(['actor_type', 'actor']) }} in (select actor_key from {{ erased_actors }});

    {% if last_build and run_query(is_newly_deleted ~ ' limit 1').rows %}
    {% for model in [read_events, built_before('disqualifying_engagements'), built_before('period_counts')] %}
    delete from {{ model }} where {{ lookup_key(['actor_type', 'actor']) }} in ({{ is_newly_deleted }});
    {% endfor %}
    {% endif %}

    {% for model in [event_marks, linking_engagements] %}
    delete from {{ model }} where {{ lookup_key(['actor_type', 'actor']) }} in (select actor_key from {{ erased_actors }});
    {% endfor %}
{% endmacro %}
