{#-
    Whether the rows of a history mart for an as-of must be removed before this build writes its own. They must if that
    build is no longer in history_builds, or if it is the one being built again. When an older as-of is built again,
    only the first reason applies.
-#}
{% macro is_forgotten(instant) -%}
    {{ instant }} not in (
        select history_builds.as_of
        from {{ ref('history_builds') }} as history_builds
        where
            history_builds.as_of <> {{ as_of() }}
            or history_builds.as_of < (select max(newest.as_of) from {{ ref('history_builds') }} as newest)
    )
{%- endmacro %}


{#-
    Removes the build of this as-of, which is being repeated. When other input is built into the same database, it also
    removes builds of the demo or an example; so an example has no history. A build of an older as-of was never
    recorded, and removes no other build.
-#}
{% macro forget_builds(history_builds) -%}
    {% if is_incremental() %}
    delete from {{ history_builds }}
    where
        {{ 'is_demo or' if raw_input() != 'demo' }}
        as_of = {{ as_of() }} and not exists (
            select 1 from {{ history_builds }} as newer
            where newer.as_of > {{ as_of() }} {{ 'and not newer.is_demo' if raw_input() != 'demo' }}
        )
    {% endif %}
{%- endmacro %}


{#- Removes forgotten builds and deleted contacts from a history mart. Does nothing on the mart's first build. -#}
{% macro forget(mart, instant) -%}
    {% set erased_actors = ref('erased_actors') %}
    {% if is_incremental() %}
    delete from {{ mart }}
    where
        {{ is_forgotten(instant) }}
        or {{ lookup_key(["'contact'", 'contact_id']) }} in (select actor_key from {{ erased_actors }})
    {% endif %}
{%- endmacro %}


{#- Reopens the rows of a history mart that a forgotten build closed. -#}
{% macro reopen(mart, closed_at) -%}
    {% if is_incremental() %}
    update {{ mart }} set {{ closed_at }} = null
    where {{ is_forgotten(closed_at) }}
    {% endif %}
{%- endmacro %}


{#-
    Leaves in the memory of builds only the build at the as-of before this one. One that was read under other settings
    goes, too, because its keys are others. A build of an older as-of removes nothing.
-#}
{% macro keep_preceding_build(memory) -%}
    {% if is_incremental() %}
    delete from {{ memory }}
    where
        {{ is_forgotten('as_of') }}
        or read_under <> '{{ read_under() }}'
        or as_of < (select max(preceding.as_of) from {{ memory }} as preceding where preceding.as_of < {{ as_of() }})
    {% endif %}
{%- endmacro %}


{#- Adds a column that the history mart of an earlier version has not. -#}
{% macro add_later_column(mart, name, data_type) -%}
    {% if is_incremental() and name not in adapter.get_columns_in_relation(mart) | map(attribute='name') | map('lower') %}
    alter table {{ mart }} add column {{ name }} {{ data_type }}
    {% endif %}
{%- endmacro %}


{#- Whether a span has the same values for a contact as contact_scores has now. -#}
{% macro is_same_standing(span, standing) -%}
    {{ span }}.contact_id = {{ standing }}.contact_id
        and {{ span }}.score_name = {{ standing }}.score_name
        and {{ span }}.status = {{ standing }}.status
        and coalesce({{ span }}.band, '') = coalesce({{ standing }}.band, '')
        and {{ span }}.score_30d = {{ standing }}.score_30d
{%- endmacro %}
