{#- Marketo has a table for each type of activity: those about e-mails, but for changes of the lead itself. -#}
{% macro marketo_email_tables() %}
    {{ return([
        'activity_send_email', 'activity_email_delivered', 'activity_open_email', 'activity_click_email',
        'activity_email_bounced', 'activity_email_bounced_soft', 'activity_unsubscribe_email',
    ]) }}
{% endmacro %}


{#- Those about anything else that a lead did. -#}
{% macro marketo_activity_tables() %}
    {{ return([
        'activity_fill_out_form', 'activity_visit_webpage', 'activity_click_link', 'activity_change_status_in_progression',
    ]) }}
{% endmacro %}
