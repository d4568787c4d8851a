{#- Every row of a source table is a raw row, or was left out by a rule that has a name. -#}
{% test every_source_row_is_accounted_for(model) %}
    select source_table
    from {{ model }}
    group by source_table
    having sum(case when counted = 'source_rows' then row_count else -row_count end) <> 0
{% endtest %}
