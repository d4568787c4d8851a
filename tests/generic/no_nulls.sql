{#- Each of the columns has a value in every row. One test covers all of them, because each test reads the whole model. -#}
{% test no_nulls(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where
    {% for column in columns %}
    {{ 'or ' if not loop.first }}{{ column }} is null
    {% endfor %}

{% endtest %}
