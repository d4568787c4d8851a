{#-
    A 64-bit number in place of one or more texts: it is grouped and joined several times as fast. Two texts may share
    one (of 100 million, one pair in 4,000 cases), so where a key picks a few rows, their texts are compared as well.
-#}
{% macro lookup_key(columns) -%}
    {{ adapter.dispatch('lookup_key', 'contact_scoring')(columns) }}
{%- endmacro %}


{#- Whether a row of marks is of a row of the log: by two keys, for a chance of one in 2 to the power of 128. -#}
{% macro is_same_row(left, right) -%}
    {{ left }}.row_key = {{ right }}.row_key and {{ left }}.event_key = {{ right }}.event_key
{%- endmacro %}
