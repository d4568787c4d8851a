{#-
    A 64-bit number in place of one or more texts: it is grouped and joined several times as fast. Two texts may share
    one (of 100 million, one pair in 4,000 cases), so where a key picks a few rows, their texts are compared as well.
-#}
{% macro lookup_key(columns) -%}
    {{ adapter.dispatch('lookup_key', 'contact_scoring')(columns) }}
{%- endmacro %}


{#- No key, in the type of one. -#}
{% macro empty_key() -%}
    cast(null as {{ adapter.dispatch('key_type', 'contact_scoring')() }})
{%- endmacro %}
