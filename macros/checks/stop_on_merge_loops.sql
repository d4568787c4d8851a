{#- Ends the build where merges lead in a circle: nobody could say whose points these are. -#}
{% macro stop_on_merge_loops(contact_numbers) %}
    {% set contacts = ref('stg_contacts') %}
    {% if not execute %}{{ return('') }}{% endif %}
    {#- where merges end, a contact is merged into nobody; where they do not, each of the loop is somebody's end -#}
    {% set looped = 'select distinct ends.actor_key from ' ~ contact_numbers ~ ' as merged inner join ' ~ contact_numbers
        ~ ' as ends on merged.survivor = ends.contact where ends.merged_into is not null' %}
    {% if run_query(looped ~ ' limit 1').rows | length == 0 %}{{ return('') }}{% endif %}

    {% set found = run_query(
        'select distinct contact_id from ' ~ contacts ~ ' where ' ~ lookup_key(["'contact'", 'contact_id']) ~ ' in ('
        ~ looped ~ ') order by contact_id'
    ).columns[0].values() %}
    {% set shown = found[:10] | join(', ') ~ (' and ' ~ (found | length - 10) ~ ' more' if found | length > 10 else '') %}
    {{ exceptions.raise_compiler_error(
        'Contacts are merged in a loop: ' ~ shown ~ '. Mend merged_into_contact_id in the raw table contacts, '
        ~ 'so that one of each loop is merged into nobody. Nothing was scored; the last scores stand.'
    ) }}
{% endmacro %}
