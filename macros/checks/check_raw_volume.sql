{#-
    Stops a build if a raw table has lost half of its rows since the last build, or has received nothing for too long.
    Scores of what is left would look like any others.
-#}
{% macro check_raw_volume(raw_tables) %}
    {% set counts_before, counts, mistakes = row_counts_before(), {}, [] %}
    {% for name, raw in raw_tables.items() if name != 'web_events' or var('website_tracking') %}
        {% set count = run_query('select count(*) from ' ~ raw.relation).rows[0][0] | int if raw.types else 0 %}
        {% set before = counts_before.get(name, 0) %}
        {% do counts.update({name: count}) %}
        {#- rows of lists go when lists are given up; other tables lose rows only when a contact is erased -#}
        {% if 2 * count <= before and before > 0 and name != 'lists' %}
            {% do mistakes.append(
                'The raw table ' ~ name ~ ' in ' ~ raw_place()
                ~ (' has ' ~ count ~ ' row(s), and had ' if raw.types else ' is not there, or empty without a header, and had ')
                ~ before ~ (' at the last build: a part of it is missing.' if raw.types else ' row(s) at the last build.')
            ) %}
        {% endif %}
        {% set silence = silence_of(name, raw, var('max_silence_hours')[name]) if name in var('max_silence_hours') %}
        {% do mistakes.append(silence) if silence %}
    {% endfor %}
    {% if not mistakes and counts['contacts'] == 0 %}
        {% do mistakes.append('The raw table contacts in ' ~ raw_place() ~ ' has no row.') %}
    {% elif not mistakes and not has_contacts(raw_tables['contacts']) %}
        {% do mistakes.append('The raw table contacts in ' ~ raw_place() ~ ' has no row with a contact_id.') %}
    {% elif not mistakes and not (counts['email_events'] or counts['web_events'] or counts['activities']) %}
        {% do mistakes.append('None of the raw tables ' ~ event_sources() | join(', ') ~ ' in ' ~ raw_place() ~ ' has a row.') %}
    {% endif %}

    {% if mistakes %}
        {{ exceptions.raise_compiler_error(
            mistakes | join('\n') ~ "\nLoad what is missing, or accept it for one build: add accept_raw_tables: true to its variables."
            ~ ' Nothing was scored; the last scores stand.'
        ) }}
    {% endif %}
{% endmacro %}


{#- Whether any row of the raw table contacts has a contact_id. -#}
{% macro has_contacts(raw) %}
    {{ return(run_query(
        'select 1 from ' ~ raw.relation ~ ' where ' ~ raw_text(raw, 'contact_id') ~ ' is not null limit 1'
    ).rows | length > 0) }}
{% endmacro %}


{#- By raw table, its number of rows at the last build from the same place; empty on a first build. -#}
{% macro row_counts_before() %}
    {% set counts, relation = {}, table_of_last_build('raw_row_counts') %}
    {% for row in (run_query('select raw_table, read_from, sum(row_count) as row_count from ' ~ relation ~ ' group by 1, 2').rows if relation else [])
        if row[1] == raw_place() %}
        {% do counts.update({row[0]: row[2] | int}) %}
    {% endfor %}
    {{ return(counts) }}
{% endmacro %}


{#- A message about an event table that received nothing for too long before as-of; empty if it received something. -#}
{% macro silence_of(name, raw, hours) %}
    {% set newest = run_query(
        'select max(came_in_at) from (select coalesce('
        ~ raw_timestamp(raw, 'received_at') ~ ', ' ~ raw_timestamp(raw, 'occurred_at') ~ ') as came_in_at from '
        ~ raw.relation ~ ') as rows_that_came_in where came_in_at <= ' ~ as_of()
    ).rows[0][0] %}
    {% set since = modules.datetime.datetime.fromisoformat(as_of_text()) - modules.datetime.timedelta(hours=hours) %}
    {{ return(
        '' if newest and newest >= since
        else 'Nothing came into the raw table ' ~ name ~ ' in ' ~ raw_place() ~ ' in the ' ~ hours ~ ' hours before '
        ~ as_of_text() ~ '; the last row is of ' ~ (newest or 'no time that can be read') ~ '.'
    ) }}
{% endmacro %}
