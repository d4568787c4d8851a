{#- A first copy gives way to one that came in later and had been received earlier. -#}
{% macro settle_first_copies(read_events) %}
    {% if not is_incremental() %}{{ return('') }}{% endif %}
    {% set newest = run_query(
        "select build_number, min(received_at) from " ~ read_events ~ " where outcome = 'engagement'"
        ~ " and build_number = (select max(build_number) from " ~ read_events ~ ") group by build_number"
    ).rows %}
    {% if not newest %}{{ return('') }}{% endif %}
    merge into {{ read_events }} as known
    using (
        select source, event_id, event_key, build_number
        from {{ read_events }}
        where outcome = 'engagement' and build_number = {{ newest[0][0] }}
    ) as new
    on
        {{ is_same_event('known', 'new') }}
        and known.outcome = 'engagement'
        and known.build_number < new.build_number
        -- what was received before all of the new ones gives way to none of them
        and known.received_at >= timestamp '{{ newest[0][1] }}'
    when matched then update set outcome = 'duplicate', build_number = new.build_number
{% endmacro %}


{#-
    Counts in what came in more than late_load_days after it had been received, as long as it is a copy of a known
    event. Anything else is left out, and the check that every raw row is accounted for fails.
-#}
{% macro read_late_copies(read_events) %}
    {% set event_rows, raw_events = ref('event_rows'), raw_event_relations() %}
    {% set last_build = last_build() %}
    {% if not (last_build and is_incremental()) %}{{ return('') }}{% endif %}

    {% set late = [] %}
    {% for source in event_sources() %}
        {% set unread = unread_rows(source, raw_events, read_events, built_before('erased_events')) %}
        {% if unread > 0 %}
            {% do late.append(source) %}
            {% do exceptions.warn(
                source ~ ': rows came in more than ' ~ var('late_load_days') ~ ' days (late_load_days) after their received_at. Copies of known '
                ~ 'events are duplicates. New events are left out, and the check that every raw row is accounted for fails: '
                ~ 'build once with --full-refresh.'
            ) %}
        {% elif unread < 0 %}
            {% do exceptions.warn(
                source ~ ': the raw table has fewer rows than were read from it. Unless they are those of deleted contacts, the check '
                ~ 'that every raw row is accounted for fails: build once with --full-refresh.'
            ) %}
        {% endif %}
    {% endfor %}
    {% if not late %}{{ return('') }}{% endif %}

    insert into {{ read_events }}
    ({{ read_event_columns() | join(', ') }}, event_key, outcome, period_start, message_key, build_number)
    with

    late_rows as (

        select
            *,
            {{ lookup_key(['source', 'event_id']) }} as event_key,
            {{ row_key() }} as row_key,
            row_number() over (partition by {{ row_key() }} order by event_id) as row_copy
        from {{ event_rows }}
        where source in ('{{ late | join("', '") }}')
            -- what came in while this build ran is not late: the next one reads it
            and not (
                {% for source in late %}
                ({{ is_due(source, last_build) }})
                {{ 'or ' if not loop.last }}
                {% endfor %}
            )

    ),

    known_rows as (

        select {{ row_key() }} as row_key from {{ read_events }}
        union all
        select row_key from {{ built_before('erased_events') }}

    ),

    known_times as (

        select row_key, count(*) as times_known from known_rows group by row_key

    )

    select
        {{ read_event_columns() | join(', ') }},
        event_key,
        'duplicate' as outcome,
        {{ derived_event_columns() }},
        {{ build_number(read_events, last_build) }} as build_number
    from late_rows
    left join known_times using (row_key)
    where
        reject_reason is null
        and row_copy > coalesce(times_known, 0)
        and (
            event_key in (select known.event_key from {{ read_events }} as known where known.outcome <> 'rejected')
            or event_key in (select erased.event_key from {{ built_before('erased_events') }} as erased)
        )
{% endmacro %}
