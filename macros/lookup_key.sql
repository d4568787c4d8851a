{#-
    A 64-bit number in place of one or more texts. Grouping and joining by it is several times as fast. Two texts may
    share a number (with 100 million texts, a chance of 1 in 4,000 that one pair does), so where a key picks a few rows,
    their texts are compared as well.
-#}
{% macro lookup_key(columns) -%}
    {{ adapter.dispatch('lookup_key', 'contact_scoring')(columns) }}
{%- endmacro %}


{#- Whether two rows are of the same row of the log. Two keys are compared, so a false match has a chance of 1 in 2^128. -#}
{% macro is_same_row(left, right) -%}
    {{ left }}.row_key = {{ right }}.row_key and {{ left }}.event_key = {{ right }}.event_key
{%- endmacro %}
