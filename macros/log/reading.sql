{#-
    The log as the last build left it, none for a first build. What is new is told by what is there: to dbt that would be a
    circle, for the log is made of what is new.
-#}
{% macro log_of_last_build() %}
    {% if not execute or flags.FULL_REFRESH %}{{ return(none) }}{% endif %}
    {% set schema = graph.nodes['model.contact_scoring.event_log'].schema %}
    {{ return(adapter.get_relation(target.database, schema, 'event_log')) }}
{% endmacro %}


{#- Takes out of new_event_rows what the log has read, where it is a table: it holds rows of deleted contacts. -#}
{% macro empty_new_event_rows() %}
    {% set new_event_rows = ref('new_event_rows') %}
    {% if not execute or load_relation(new_event_rows).is_view or target.name == 'preview' %}{{ return('') }}{% endif %}
    delete from {{ new_event_rows }}
{% endmacro %}


{#-
    What of an event table an incremental build reads: `since`, the first day (by received_at) from which on every row is
    looked at, and earlier `days` on which the raw table has not as many rows as the log. None for `since`: all of it.
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
    {#- a month of single days is too much to ask for; then all is read from the first of them on -#}
    {% for of_source in reading.values() if of_source.days | length > 31 %}
        {% do of_source.update({'since': of_source.days | min, 'days': []}) %}
    {% endfor %}
    {{ return(reading) }}
{% endmacro %}


{#-
    By event table, the day of the newest row; a row from the future must not hide what is received before its time. Where
    the log has only rows of deleted contacts, as in a database that was begun anew, all else is still to be read.
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
    The days on which the raw table has another number of rows than the log. The owner of a raw table may take the rows
    of a deleted contact out of it: without all of those of a day the numbers are right, too.
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
    The conditions under which a row of an event table, raw or logged, may not have been read yet. No two hold of one row,
    and each leaves out whole parts of the log, which one of all of them would not.
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


{#- A condition on a raw row for a file reader, to which an unreadable time is one before the year 1. -#}
{% macro may_be_to_read(reading) -%}
    {%- if not reading.since %}{{ return('true') }}{% endif -%}
    received_at_as_read is null
            or received_at_as_read < timestamp '0001-01-01 00:00:00'
            or received_at_as_read >= timestamp '{{ (reading.days + [reading.since]) | min }} 00:00:00'
{%- endmacro %}


{#- The day on which a row of the log was received; those of which that is not known are a day of their own. -#}
{% macro received_on() -%}
    case when has_received_at then cast(received_at as date) else date '0001-01-01' end
{%- endmacro %}
