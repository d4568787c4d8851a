{#- Follows merges to their end, twice as far at each step. In a loop it ends when all contacts could have been visited. -#}
{% macro follow_merges(contact_numbers) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set n_merged = run_query('select count(*) from ' ~ contact_numbers ~ ' where merged_into is not null').rows[0][0] | int %}
    {#- enough for 2^31 merges; contact numbers have 32 bits -#}
    {% for doubling in range(32) if 2 ** doubling <= n_merged %}
        {% do run_statement(further_merges(contact_numbers)) %}
    {% endfor %}
{% endmacro %}


{% macro further_merges(contact_numbers) %}
    merge into {{ contact_numbers }} as merged
    using (
        select
            steps.contact as merged_contact,
            targets.survivor as next_survivor
        from {{ contact_numbers }} as steps
        inner join {{ contact_numbers }} as targets
            on steps.survivor = targets.contact
        where steps.merged_into is not null and targets.merged_into is not null
    ) as further
    on merged.contact = further.merged_contact
    when matched then update set survivor = further.next_survivor
{% endmacro %}
