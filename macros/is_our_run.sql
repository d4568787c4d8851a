{#-
    Whether a run is about this project. A project that installed it as a package also runs things of its own, which are
    none of our business.
-#}
{% macro is_our_run() %}
    {% if is_root_project() %}{{ return(true) }}{% endif %}
    {% for unique_id in selected_resources if unique_id.split('.')[1] == 'contact_scoring' %}{{ return(true) }}{% endfor %}
    {{ return(false) }}
{% endmacro %}


{% macro is_root_project() %}{{ return(project_name == 'contact_scoring') }}{% endmacro %}
