{{ config(meta=is_check_of('score_steps')) }}

-- From a contact's first step up to the 90-day window, every window is in exactly one step.
{% for steps, key in [('score_steps', 'contact, score_number'), ('driver_steps', 'contact, rule_number')] %}
select
    contact,
    '{{ steps }}' as steps
from {{ ref(steps) }}
group by {{ key }}
having
    sum(to_window - from_window + 1) <> 90 - min(from_window) + 1
    or max(to_window) <> 90
    or min(from_window) < 1
    or min(to_window - from_window) < 0
{{ 'union all' if not loop.last }}
{% endfor %}
