{#-
    What decided how the rows of the log were read: raw tables and types, whether they are an example's,
    `website_tracking`, the engine's release, and a version number. Raise the number with every change to how a raw row
    is read; a test fails until you do.
-#}
{% macro log_version() %}{{ return(2) }}{% endmacro %}


{% macro read_under() %}
    {% set parts = [log_version(), adapter.dispatch('engine_release', 'contact_scoring')() if execute, var('website_tracking')] %}
    {% for source in event_sources() %}
        {% set raw = raw_table(source) %}
        {% do parts.append([source, raw.relation | string, raw.types]) %}
    {% endfor %}
    {#- nothing is added if it is no example: adding `false` would make every existing log be read again -#}
    {% do parts.append('example') if var('is_example') %}
    {{ return(local_md5(parts | string)) }}
{% endmacro %}


{#- Starts the log again if its rows were read under different settings, and with it what is known of erased contacts. -#}
{% macro drop_outdated_log() %}
    {% if not execute or 'model.contact_scoring.event_log' not in selected_resources %}{{ return('') }}{% endif %}
    {% do drop_retired_tables() %}
    {% set log, erased_actors = table_of_last_build('event_log'), table_of_last_build('erased_actors') %}
    {% set row = run_query('select read_under from ' ~ log ~ ' limit 1').rows | first if log %}
    {% if (row and row[0] != read_under()) or (flags.FULL_REFRESH and erased_actors) %}
        {% do adapter.drop_relation(log) if log and not flags.FULL_REFRESH %}
        {% do adapter.drop_relation(erased_actors) if erased_actors %}
    {% endif %}
{% endmacro %}


{#- Tables of releases before the log existed. Nothing else would remove a deleted contact from them. -#}
{% macro drop_retired_tables() %}
    {% if not is_root_project() %}{{ return('') }}{% endif %}
    {% for schema, names in {
        'engagement': [
            'read_events', 'event_marks', 'linking_engagements', 'erased_events', 'actor_owners', 'touched_engagements',
        ],
        'points': ['last_build', 'period_counts', 'disqualifying_engagements'],
    }.items() %}
        {% for name in names %}
            {% set table = adapter.get_relation(target.database, schema, name) %}
            {% do adapter.drop_relation(table) if table and table.is_table %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
