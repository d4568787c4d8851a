{#-
    A 64-bit number in place of one or more texts: it is grouped and joined several times as fast. Two texts may share
    one (of 100 million, one pair in 4,000 cases), so where a key picks a few rows, their texts are compared as well.
-#}
{% macro lookup_key(columns) -%}
    {{ adapter.dispatch('lookup_key', 'contact_scoring')(columns) }}
{%- endmacro %}


{#- Not the same in every release of DuckDB, which is why read_under() holds the release. -#}
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


{#- No key, in the type of one. -#}
{% macro empty_key() -%}
    cast(null as {{ adapter.dispatch('key_type', 'contact_scoring')() }})
{%- endmacro %}


{% macro default__key_type() %}bigint{% endmacro %}


{% macro duckdb__key_type() %}ubigint{% endmacro %}
