{#- Warns about ids that are not unique, and names up to three of them for each event table. -#}
{% macro warn_of_conflicts(conflicting_duplicates) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% for row in run_query('select source, count(*), count(distinct event_id) from ' ~ conflicting_duplicates ~ ' group by source order by source').rows %}
        {% set ids = run_query(
            'select distinct event_id from ' ~ conflicting_duplicates ~ " where source = '" ~ row[0] ~ "' order by event_id limit 3"
        ).columns[0].values() %}
        {% do exceptions.warn(
            row[0] ~ ': ' ~ row[1] ~ ' row(s) have the event_id of an earlier event, but another actor or event type: '
            ~ ids | join(', ') ~ (' and ' ~ (row[2] - 3) ~ ' more' if row[2] > 3 else '')
            ~ '. They count as duplicates. Give each event an id of its own.'
        ) %}
    {% endfor %}
{% endmacro %}
