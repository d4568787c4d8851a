{#-
    One row in points.tested_build says that a build finished and every data test passed, so that it may be published.
    It is removed before any table can change. No model can write it, because tests run after models.
-#}
{% macro forget_tested_build() %}
    {{ return(adapter.dispatch('forget_tested_build', 'contact_scoring')()) }}
{% endmacro %}


{% macro note_tested_build(results) %}
    {{ return(adapter.dispatch('note_tested_build', 'contact_scoring')(results)) }}
{% endmacro %}
