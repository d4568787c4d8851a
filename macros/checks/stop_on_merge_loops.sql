{#- Ends the build where merges lead in a circle: nobody could say whose points these are. -#}
{% macro stop_on_merge_loops(merge_steps) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set found = run_query(
        'select distinct contact_id from ' ~ merge_steps ~ ' where contact_id = reached_contact_id order by contact_id'
    ).columns[0].values() %}
    {% if found | length > 0 %}
        {% set shown = found[:20] | join(', ') ~ (' and ' ~ (found | length - 20) ~ ' more' if found | length > 20 else '') %}
        {{ exceptions.raise_compiler_error(
            'Contacts are merged in a loop: ' ~ shown ~ '. Mend merged_into_contact_id in the raw table contacts, '
            ~ 'so that one of each loop is merged into nobody. Nothing was scored; the last scores stand.'
        ) }}
    {% endif %}
{% endmacro %}
