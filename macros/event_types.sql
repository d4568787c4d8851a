{#- The raw tables that hold events. -#}
{% macro event_sources() %}{{ return(['email_events', 'web_events', 'activities']) }}{% endmacro %}


{#-
    The event types that the contract lists for a raw table. Activities are not listed: any name of the form
    activity_type_form() is valid.
-#}
{% macro event_types(source) %}
    {{ return({
        'email_events': [
            'email_sent', 'email_delivered', 'email_deferred', 'email_open', 'email_click', 'email_reply',
            'email_hard_bounce', 'email_soft_bounce', 'email_unsubscribe', 'email_resubscribe',
            'email_spam_complaint',
        ],
        'web_events': ['page_view', 'form_submission'],
    }[source]) }}
{% endmacro %}


{% macro activity_type_form() %}{{ return('[a-z][a-z0-9_]*') }}{% endmacro %}


{#- The event types of a raw table, for use inside a SQL `in (...)`. -#}
{% macro event_type_list(source) -%}
    '{{ event_types(source) | join("', '") }}'
{%- endmacro %}


{#-
    What is wrong with the name of an event type in a rule, as a sentence; null if nothing is. A name that begins like
    an e-mail or web event must be a listed one: email_opened would never match, and nobody would notice.
-#}
{% macro event_type_mistake(column) -%}
    {%- set listed = event_type_list('email_events') ~ ', ' ~ event_type_list('web_events') -%}
    case
        when {{ column }} in ({{ listed }}) then null
        when left({{ column }}, 6) = 'email_'
            then '{{ column }} ' || {{ in_quotes(column) }} || ' is no e-mail event type: use one of {{ event_types("email_events") | join(", ") }}'
        when left({{ column }}, 5) in ('page_', 'form_')
            then '{{ column }} ' || {{ in_quotes(column) }} || ' is no web event type: use {{ event_types("web_events") | join(" or ") }}'
        when not ({{ has_form(column, activity_type_form()) }})
            then '{{ column }} ' || {{ in_quotes(column) }} || ' is no event type: ' || {{ in_snake_case(column) }}
    end
{%- endmacro %}
