{#-
    One row in points.tested_build says that a build came to its end and that every data test passed: what may be published.
    It is gone from the moment in which a table may be changed. No model can say so, for tests come after models.
-#}
{% macro forget_tested_build() %}
    {{ return(adapter.dispatch('forget_tested_build', 'contact_scoring')()) }}
{% endmacro %}


{% macro note_tested_build(results) %}
    {{ return(adapter.dispatch('note_tested_build', 'contact_scoring')(results)) }}
{% endmacro %}
