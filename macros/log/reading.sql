{#-
    A model's table as the last build left it; none if there is none. It is looked up by name, because ref() would be a
    cycle for dbt: what is new is determined from the log, and the log is built from what is new.
-#}
{% macro table_of_last_build(name) %}
    {% set node = graph.nodes['model.contact_scoring.' ~ name] if execute %}
    {{ return(adapter.get_relation(node.database, node.schema, node.alias) if node) }}
{% endmacro %}


{#- The log as the last build left it; none if it is read from the start. -#}
{% macro log_of_last_build() %}
    {{ return(none if flags.FULL_REFRESH else table_of_last_build('event_log')) }}
{% endmacro %}


{#- Empties new_event_rows after the log has read it, if it is a table, because it holds rows of deleted contacts. -#}
{% macro empty_new_event_rows() %}
    {% set new_event_rows = ref('new_event_rows') %}
    {% if not execute or load_relation(new_event_rows).is_view or target.name == 'preview' %}{{ return('') }}{% endif %}
    delete from {{ new_event_rows }}
{% endmacro %}


{#-
    What an incremental build reads from an event table. `since` is the first day (by received_at) from which every row
    is looked at. `days` are earlier days on which the raw table and the log have different numbers of rows. If `since`
    is none, the whole table is read.
-#}
{% macro days_to_read(event_log, raw_row_counts) %}
    {% set reading = {} %}
    {% for source in event_sources() %}{% do reading.update({source: {'since': none, 'days': []}}) %}{% endfor %}
    {% if not execute or not event_log %}{{ return(reading) }}{% endif %}

    {% for row in run_query(newest_days(event_log)).rows %}
        {#- some clients return a date as text -#}
        {% set newest = modules.datetime.date.fromisoformat(row[1] | string) %}
        {% do reading[row[0]].update({'since': newest - modules.datetime.timedelta(days=var('late_load_days'))}) %}
    {% endfor %}
    {% for row in run_query(days_that_differ(event_log, raw_row_counts)).rows %}
        {% set since, day = reading[row[0]].since, modules.datetime.date.fromisoformat(row[1] | string) %}
        {% do reading[row[0]].days.append(day) if since and day < since %}
    {% endfor %}
    {#- more than 31 single days are too many to ask for; then everything from the first of them on is read -#}
    {% for of_source in reading.values() if of_source.days | length > 31 %}
        {% do of_source.update({'since': of_source.days | min, 'days': []}) %}
    {% endfor %}
    {{ return(reading) }}
{% endmacro %}


{#-
    By event table, the day of the newest row. Rows from the future are left out, because they must not hide rows
    received before their time. Rows of deleted contacts are left out too: if the log has no others, as in a database
    that was started again, everything else still has to be read.
-#}
{% macro newest_days(event_log) %}
    select
        source,
        cast(max(received_at) as date) as newest_day
    from {{ event_log }}
    where has_received_at and not is_erased and received_at <= {{ as_of() }}
    group by source
{% endmacro %}


{#-
    The days on which the raw table and the log have different numbers of rows. The owner of a raw table may remove the
    rows of a deleted contact. So a day also matches if all of that day's erased rows are gone.
-#}
{% macro days_that_differ(event_log, raw_row_counts) %}
    with

    logged as (

        select
            source,
            cast(received_at as date) as received_on,
            sum(case when is_erased then 0 else 1 end) as live_rows,
            sum(case when is_erased then 1 else 0 end) as erased_rows
        from {{ event_log }}
        where has_received_at
        group by 1, 2

    ),

    raw as (

        select * from {{ raw_row_counts }}
        where received_on is not null

    )

    select
        coalesce(raw.raw_table, logged.source) as source,
        coalesce(raw.received_on, logged.received_on) as received_on
    from raw
    full outer join logged
        on raw.raw_table = logged.source and raw.received_on = logged.received_on
    where
        coalesce(raw.row_count, 0) <> coalesce(logged.live_rows, 0)
        and coalesce(raw.row_count, 0) <> coalesce(logged.live_rows, 0) + coalesce(logged.erased_rows, 0)
{% endmacro %}


{#-
    The conditions under which a row of an event table, raw or logged, may not have been read yet. They do not overlap.
    Each lets the engine skip whole parts of the log, which a single combined condition would not.
-#}
{% macro to_read(source, reading) %}
    {% set since, days = reading.since, reading.days %}
    {% set of_source = "source = '" ~ source ~ "'" %}
    {% if not since %}{{ return([of_source]) }}{% endif %}
    {% set conditions = [
        of_source ~ ' and not has_received_at',
        of_source ~ " and has_received_at and received_at >= timestamp '" ~ since ~ " 00:00:00'",
    ] %}
    {% for day in days %}
        {% do conditions.append(
            of_source ~ " and has_received_at and received_at >= timestamp '" ~ day ~ " 00:00:00' and received_at < timestamp '"
            ~ (day + modules.datetime.timedelta(days=1)) ~ " 00:00:00'"
        ) %}
    {% endfor %}
    {{ return(conditions) }}
{% endmacro %}


{#- A condition on a raw row for a file reader, which represents an unreadable time as one before the year 1. -#}
{% macro may_be_to_read(reading) -%}
    {%- if not reading.since %}{{ return('true') }}{% endif -%}
    received_at_as_read is null
            or received_at_as_read < timestamp '0001-01-01 00:00:00'
            or received_at_as_read >= timestamp '{{ (reading.days + [reading.since]) | min }} 00:00:00'
{%- endmacro %}


{#- The day on which a row of the log was received. Rows without a known time form a day of their own. -#}
{% macro received_on() -%}
    case when has_received_at then cast(received_at as date) else date '0001-01-01' end
{%- endmacro %}
