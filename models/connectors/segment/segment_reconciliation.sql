{{ config(enabled=is_connected('segment')) }}

with

counted as (

    {% for name in ['pages', 'screens', 'tracks'] %}
    {{ count_of_rows(name, 'source_rows', source_table('segment', name).relation) }}
    union all
    {% endfor %}

    {% for raw_table in ['web_events', 'activities'] %}
    select
        source_table,
        '{{ raw_table }}' as counted,
        count(*) as row_count
    from {{ ref('segment_' ~ raw_table) }}
    group by source_table
    union all
    {% endfor %}

    select
        source_table,
        left_out as counted,
        count(*) as row_count
    from {{ ref('segment_call_rows') }}
    where left_out is not null
    group by source_table, left_out
    union all

    {{ count_of_rows('identifies', 'source_rows', source_table('segment', 'identifies').relation) }}
    union all
    select
        'identifies' as source_table,
        'contacts' as counted,
        cast(coalesce(sum(identify_calls), 0) as bigint) as row_count
    from {{ ref('segment_contacts') }}
    union all
    {{ count_of_left_out_rows('identifies', ref('segment_identify_rows')) }}

)

select * from counted
