{#-
    What the last complete build was of and how far it had read, by event table; none where there is nothing to go on
    from, and everything is read and counted anew.
-#}
{% macro last_build() %}
    {% if not execute or flags.FULL_REFRESH %}{{ return(none) }}{% endif %}
    {% set relation = built_before('last_build') %}
    {% set rows = run_query('select * from ' ~ relation).rows if relation else [] %}
    {% if not rows %}{{ return(none) }}{% endif %}

    {% set tables = {} %}
    {% for row in rows %}{% do tables.update({row['source']: row}) %}{% endfor %}
    {% set build = rows[0].dict() %}
    {% do build.update({'tables': tables}) %}
    {{ return(build) }}
{% endmacro %}


{#- The last complete build; none, too, where it was under something else: a fingerprint, by the name of its column. -#}
{% macro last_build_under(column, fingerprint) %}
    {% set last_build = last_build() %}
    {{ return(last_build if last_build and last_build[column] == fingerprint else none) }}
{% endmacro %}


{#- A model as an earlier build left it, for one that it is built from, which cannot ref() it; none where it never was. -#}
{% macro built_before(model) %}
    {% set schema = graph.nodes['model.contact_scoring.' ~ model].schema if execute %}
    {{ return(adapter.get_relation(target.database, schema, model) if execute) }}
{% endmacro %}


{#- The rows of an incremental model that were written since the last complete build, a failed one included. -#}
{% macro is_new(last_build, rows=none) -%}
    {{ (rows ~ '.' if rows else '') ~ 'build_number > ' ~ last_build.build_number if last_build else 'true' }}
{%- endmacro %}


{#- The number that a build writes beside the rows of such a model: above all that stand there. -#}
{% macro build_number(model, last_build) %}
    {% if not last_build %}{{ return(1) }}{% endif %}
    {% set newest = run_query('select max(build_number) from ' ~ model).rows[0][0] or 0 %}
    {{ return(1 + [newest | int, last_build.build_number | int] | max) }}
{% endmacro %}


{#-
    Takes back what the last build was under before a model is built under something else: should this build stop
    halfway, the next one does not take the model for what it was.
-#}
{% macro forget_fingerprint(column, fingerprint) %}
    {% set last_build = last_build() %}
    {% if last_build and last_build[column] != fingerprint %}
    update {{ built_before('last_build') }} set {{ column }} = null
    {% endif %}
{% endmacro %}
