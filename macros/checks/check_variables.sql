{#- Stops the run on a variable that does not exist, or whose value cannot be meant. -#}
{% macro check_variables() %}
    {% set known = [
        'as_of', 'demo_as_of', 'raw_files', 'raw_schema', 'raw_database', 'website_tracking', 'require_consent'
    ] %}
    {% for name in invocation_args_dict.get('vars', {}) if name not in known %}
        {{ exceptions.raise_compiler_error("There is no variable '" ~ name ~ "'. There are: " ~ known | join(', ') ~ ".") }}
    {% endfor %}

    {% for name in ['website_tracking', 'require_consent'] if var(name) is not boolean %}
        {{ exceptions.raise_compiler_error(name ~ ": '" ~ var(name) ~ "' is neither true nor false.") }}
    {% endfor %}

    {% if var('raw_files', none) and var('raw_schema', none) %}
        {{ exceptions.raise_compiler_error("raw_files and raw_schema are both set. Name one input.") }}
    {% elif var('raw_database', none) and not var('raw_schema', none) %}
        {{ exceptions.raise_compiler_error("raw_database is set without raw_schema. Name the schema too.") }}
    {% endif %}

    {% do as_of_text() %}
{% endmacro %}
