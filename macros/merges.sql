{#- The word for a query that reads its own rows; none where an engine has no such query. -#}
{% macro recursive() -%}
    {{ adapter.dispatch('recursive', 'contact_scoring')() }}
{%- endmacro %}


{% macro default__recursive() -%}
    recursive
{%- endmacro %}


{#- Not before Spark 4.1. -#}
{% macro spark__recursive() -%}
{%- endmacro %}


{#-
    Adds where merges lead over any number of steps, twice as far each time; where they lead in a circle it ends when it
    comes back to where it has been.
-#}
{% macro follow_merges(merge_steps) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set counted = 'select count(*) from ' ~ merge_steps %}
    {% set counts = [0, run_query(counted).rows[0][0]] %}
    {#- 2 to the power of 32 steps -#}
    {% for _ in range(32) if counts[-1] > counts[-2] %}
        {% do run_statement(further_merges(merge_steps)) %}
        {% do counts.append(run_query(counted).rows[0][0]) %}
    {% endfor %}
{% endmacro %}


{% macro further_merges(merge_steps) %}
    insert into {{ merge_steps }} (contact_id, reached_contact_id)
    select distinct
        first_steps.contact_id,
        next_steps.reached_contact_id
    from {{ merge_steps }} as first_steps
    inner join {{ merge_steps }} as next_steps
        on first_steps.reached_contact_id = next_steps.contact_id
    left join {{ merge_steps }} as known
        on
            first_steps.contact_id = known.contact_id
            and next_steps.reached_contact_id = known.reached_contact_id
    where known.contact_id is null
{% endmacro %}
