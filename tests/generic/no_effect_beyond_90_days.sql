{#- No window reaches further back than 90 days, so a larger number changes nothing. -#}
{% test no_effect_beyond_90_days(model, column_name) %}

select
    rule_id,
    {{ column_name }}
from {{ model }}
where {{ column_name }} > 90

{% endtest %}
