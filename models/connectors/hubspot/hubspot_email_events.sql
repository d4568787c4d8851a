{{ config(enabled=is_connected('hubspot')) }}

{% for source_name, rows in [
    ('email_event', 'hubspot_email_event_rows'),
    ('contact_property_history', 'hubspot_opt_out_rows'),
] %}
select
    '{{ source_name }}' as source_table,
    {{ raw_columns()['email_events'] | join(',\n    ') }}
from {{ ref(rows) }}
where left_out is null
{{ 'union all' if not loop.last }}
{% endfor %}
