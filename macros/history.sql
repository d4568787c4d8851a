{#-
    Whether what a remembering mart says of an instant is to be forgotten before this build has its say: the build
    of that instant is no longer remembered, or it is the one being built again. On a replay of an older as-of only
    the former.
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
    Forgets the build of this as-of, which takes place again, and builds of the demo or an example when other input is built
    into the same database; so an example has no history. A replay of an older as-of was not remembered, and forgets no other.
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


{#- Takes forgotten instants and deleted contacts out of a remembering mart; nothing on its first build. -#}
{% macro forget(mart, instant) -%}
    {% set erased_actors = ref('erased_actors') %}
    {% if is_incremental() %}
    delete from {{ mart }}
    where
        {{ is_forgotten(instant) }}
        or {{ lookup_key(["'contact'", 'contact_id']) }} in (select actor_key from {{ erased_actors }})
    {% endif %}
{%- endmacro %}


{#- Opens the spans again that a forgotten build closed. -#}
{% macro reopen_spans(score_history) -%}
    {% if is_incremental() %}
    update {{ score_history }} set valid_to = null
    where {{ is_forgotten('valid_to') }}
    {% endif %}
{%- endmacro %}


{#- Whether a span says of a contact what contact_scores says now. -#}
{% macro is_same_standing(span, standing) -%}
    {{ span }}.contact_id = {{ standing }}.contact_id
        and {{ span }}.score_name = {{ standing }}.score_name
        and {{ span }}.status = {{ standing }}.status
        and coalesce({{ span }}.band, '') = coalesce({{ standing }}.band, '')
        and {{ span }}.score_30d = {{ standing }}.score_30d
{%- endmacro %}
