{#- Runs a statement that returns no rows, in the transaction of the model whose hook calls it. -#}
{% macro run_statement(sql) %}
    {% call statement('run_statement', auto_begin=false) %}{{ sql }}{% endcall %}
{% endmacro %}
