{{ config(enabled=is_connected('segment')) }}

{% for identity_type, column in [('visitor', 'visitor_id'), ('email', 'email')] %}
select
    '{{ identity_type }}' as identity_type,
    {{ column }} as identity_value,
    contact_id,
    identified_at as linked_at
from {{ ref('segment_identify_rows') }}
where left_out is null and {{ column }} is not null
{{ 'union all' if not loop.last }}
{% endfor %}
