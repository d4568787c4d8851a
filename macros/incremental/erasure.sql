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
    {% set linking_engagements, touched_engagements = ref('linking_engagements'), ref('touched_engagements') %}
    {% set actor_owners = ref('actor_owners') %}
    {% set last_build = last_build() %}
    {% if target.name == 'preview' %}{{ return('') }}{% endif %}
    {% set is_newly_deleted = 'select actor_key from ' ~ erased_actors ~ ' where ' ~ is_new(last_build) %}

    {% set statements %}
    delete from {{ read_events }}
    where {{ is_new(last_build) }} and {{ lookup_key(['actor_type', 'actor']) }} in (select actor_key from {{ erased_actors }});

    {% if last_build and run_query(is_newly_deleted ~ ' limit 1').rows %}
    {% for model in [read_events, built_before('disqualifying_engagements'), built_before('period_counts')] %}
    delete from {{ model }} where {{ lookup_key(['actor_type', 'actor']) }} in ({{ is_newly_deleted }});
    {% endfor %}
    {% endif %}

    {% for model in [event_marks, linking_engagements, touched_engagements] %}
    delete from {{ model }} where {{ lookup_key(['actor_type', 'actor']) }} in (select actor_key from {{ erased_actors }});
    {% endfor %}

    -- last, for most rows that name them are their own, and gone by now: what is left is other people's
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

    {% for step in tables_on_the_way() %}
    delete from {{ built_before(step.name) }};
    {% endfor %}

    -- a deleted contact's visitor whom only an older link is left of, to somebody else
    update {{ actor_owners }} set actor = null, contact_id = null
    where actor is not null and actor_key in (select actor_key from {{ erased_actors }});
    {% endset %}
    {#- one by one: not every engine takes several at a time -#}
    {% for statement in statements.split(';') if execute and statement | trim %}{% do run_statement(statement) %}{% endfor %}
{% endmacro %}


{#-
    Counts no longer what its owner has taken out of a raw table since it was erased. All raw rows are read for that, once:
    where fewer are there than are accounted for.
-#}
{% macro note_erased_rows_that_are_gone(erased_events) %}
    {% set event_rows, read_events = ref('event_rows'), ref('read_events') %}
    {% set raw_events = raw_event_relations() %}
    {% if target.name == 'preview' or not is_incremental() %}{{ return('') }}{% endif %}

    {% set short = [] %}
    {% for source in event_sources() if unread_rows(source, raw_events, read_events, erased_events) < 0 %}
        {% do short.append("'" ~ source ~ "'") %}
    {% endfor %}
    {% if not short %}{{ return('') }}{% endif %}
    update {{ erased_events }} set is_in_raw_table = false
    where
        source in ({{ short | join(', ') }})
        and is_in_raw_table
        and not exists (
            select 1 from (select {{ row_key() }} as raw_key from {{ event_rows }} where source in ({{ short | join(', ') }})) as raw
            where raw.raw_key = row_key
        )
{% endmacro %}


{% macro raw_event_relations() %}
    {% set relations = {} %}
    {% for source in event_sources() %}{% do relations.update({source: ref('stg_' ~ source)}) %}{% endfor %}
    {{ return(relations) }}
{% endmacro %}


{#- How many rows of an event table are neither read nor erased; below zero where it has fewer than that. -#}
{% macro unread_rows(source, raw_events, read_events, erased_events) %}
    {{ return(run_query(
        'select (select count(*) from ' ~ raw_events[source] ~ ')'
        ~ ' - (select count(*) from ' ~ read_events ~ " where source = '" ~ source ~ "')"
        ~ ' - (select count(*) from ' ~ erased_events ~ " where source = '" ~ source ~ "' and is_in_raw_table)"
    ).rows[0][0]) }}
{% endmacro %}
