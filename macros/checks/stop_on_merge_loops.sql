{#- Stops the build if merges form a loop, because nobody could say whose the points are. -#}
{% macro stop_on_merge_loops(contact_numbers) %}
    {% set contacts = ref('stg_contacts') %}
    {% if not execute %}{{ return('') }}{% endif %}
    {#-
        merges normally end at a contact that is not merged; in a loop, every contact is somebody's survivor and is
        itself merged
    -#}
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
