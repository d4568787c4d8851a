{#- Columns of a config seed as text, blank as null: what a check of somebody's typing has to look at. -#}
{% macro config_text(columns) -%}
    {%- for column in columns -%}
        {{ text_or_null(column) }} as {{ column }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}


{#- Whether a text in a config seed is neither a boolean nor blank. A typo must not mean false. -#}
{% macro is_no_boolean(expression) -%}
    lower(trim({{ expression }})) not in ('true', 't', 'yes', '1', 'false', 'f', 'no', '0')
{%- endmacro %}


{#- Ends the build with every mistake in the config seeds, before anything is scored. -#}
{% macro stop_on_config_errors(config_errors) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set found = run_query('select file, mistake from ' ~ config_errors ~ ' order by file, mistake').rows %}
    {% if found | length > 0 %}
        {% set lines = ['The rules in seeds/config have mistakes. Nothing was scored; the last scores stand.'] %}
        {% for row in found %}{% do lines.append('  ' ~ row[0] ~ ': ' ~ row[1]) %}{% endfor %}
        {{ exceptions.raise_compiler_error(lines | join('\n')) }}
    {% endif %}
{% endmacro %}
