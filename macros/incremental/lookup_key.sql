{#-
    A number that few different values share, to look up many rows by: a column of them is scanned 30 times as fast as
    the texts themselves. Who joins by it compares the texts too.
-#}
{% macro lookup_key(columns) -%}
    {{ adapter.dispatch('lookup_key', 'contact_scoring')(columns) }}
{%- endmacro %}


{#- Not the same in every release of DuckDB, which is why input_fingerprint() holds the release. -#}
{% macro duckdb__lookup_key(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}


{#- Of texts, so that a value has the same key whatever type it comes as. -#}
{% macro postgres__lookup_key(columns) -%}
    hash_record_extended(row(
        {%- for column in columns %}cast({{ column }} as text){{ ', ' if not loop.last }}{% endfor -%}
    ), 0)
{%- endmacro %}


{% macro spark__lookup_key(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}


{#- Whether two rows are of one event: the key finds it, the texts make sure. -#}
{% macro is_same_event(left, right) -%}
    {{ left }}.event_key = {{ right }}.event_key
            and {{ left }}.source = {{ right }}.source
            and {{ left }}.event_id = {{ right }}.event_id
{%- endmacro %}
