{{ config(enabled=is_connected('mailchimp')) }}

{% for rows in ['mailchimp_activity_rows', 'mailchimp_subscription_rows'] %}
select
    source_table,
    {{ raw_columns()['email_events'] | join(',\n    ') }}
from {{ ref(rows) }}
where left_out is null
{{ 'union all' if not loop.last }}
{% endfor %}
