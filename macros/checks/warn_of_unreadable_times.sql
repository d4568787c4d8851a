{#- Warns about values in a time column that are not times. -#}
{% macro warn_of_unreadable_times(unreadable_times) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% for row in run_query('select raw_table, raw_column, row_count from ' ~ unreadable_times ~ ' order by raw_table, raw_column').rows %}
        {% do exceptions.warn(
            row[0] ~ '.' ~ row[1] ~ ': ' ~ row[2] ~ ' row(s) hold something that cannot be read as a time, and '
            ~ ('are rejected' if row[1] == 'occurred_at' else 'count as if it were empty')
            ~ '. Write 2026-11-22 or 2026-11-22T09:30:00Z.'
        ) %}
    {% endfor %}
{% endmacro %}
