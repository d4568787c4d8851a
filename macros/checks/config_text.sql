{#- The config seeds with their columns. Each file must have all of them, but for those that came later. -#}
{% macro config_columns() %}
    {{ return({
        'scoring_rules': [
            'rule_id', 'score_name', 'event_type', 'match_field', 'match_operator', 'match_value', 'points',
            'counts_repeats', 'max_points', 'min_times', 'expires_after_days', 'half_life_days', 'valid_from',
            'valid_to', 'description',
        ],
        'scoring_rule_conditions': ['rule_id', 'match_field', 'match_operator', 'match_value'],
        'fit_rules': [
            'rule_id', 'score_name', 'attribute', 'match_operator', 'match_value', 'points', 'description',
        ],
        'disqualification_rules': ['event_type', 'min_occurrences', 'applies_to', 'cleared_by', 'description'],
        'score_bands': ['score_name', 'window_days', 'band', 'min_score', 'is_sales_ready'],
        'lead_grades': ['fit_score_name', 'fit_band', 'score_name', 'band', 'grade', 'is_sales_ready'],
        'machine_user_agents': ['pattern', 'description'],
        'outcomes': [
            'outcome', 'event_type', 'match_field', 'match_operator', 'match_value', 'horizon_days', 'is_wanted', 'repeats',
            'description',
        ],
    }) }}
{% endmacro %}


{#- The columns that a file of an earlier version has not; they are then blank. -#}
{% macro later_columns() %}
    {{ return({'scoring_rules': ['min_times']}) }}
{% endmacro %}


{#- A config seed: with `own_rules` that of the project that installed this one. -#}
{% macro config_seed(seed) %}
    {{ return(ref(project_name if var('own_rules') else 'contact_scoring', seed)) }}
{% endmacro %}


{#- The names of the columns that a config seed has, as loaded. -#}
{% macro loaded_columns(seed) %}
    {% set relation = config_seed(seed) %}
    {{ return(adapter.get_columns_in_relation(relation) | map(attribute='name') | map('lower') | list if execute else []) }}
{% endmacro %}


{#-
    The rows of a config seed as text, whatever type dbt gave a column of somebody else's. Blank becomes null. Values
    are trimmed, except those that are searched for literally.
-#}
{% macro config_rows(seed) -%}
    select
        {%- set loaded = loaded_columns(seed) %}
        {%- for column in config_columns()[seed] %}
        {%- set text = text_or_null(by_code_point('cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')')) if column in loaded else no_text() %}
        {{ text if column in ['match_value', 'pattern'] else trimmed(text) }} as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ config_seed(seed) }}
{%- endmacro %}


{#- Whether a text in a config seed is neither a boolean nor blank. A typo must not mean false. -#}
{% macro is_no_boolean(expression) -%}
    lower(trim({{ expression }})) not in ('true', 't', 'yes', '1', 'false', 'f', 'no', '0')
{%- endmacro %}


{#- What to write instead of a text that is not in lower_snake_case. -#}
{% macro in_snake_case(expression) -%}
    {%- set written = "translate(lower(trim(" ~ expression ~ ")), ' -./:', '_____')" -%}
    case
        when {{ has_form(written, activity_type_form()) }} then 'write ' || {{ written }}
        else 'write it in lower_snake_case'
    end
{%- endmacro %}


{#- What to write instead of a text that is not a number, usually because it has a decimal comma. -#}
{% macro as_number_text(expression) -%}
    case
        when {{ has_form('trim(' ~ expression ~ ')', '[+-]?[0-9]*,[0-9][0-9]?') }}
            then 'write ' || replace(trim({{ expression }}), ',', '.')
        else 'write one such as 3 or 0.5'
    end
{%- endmacro %}


{#- A dash, or a minus sign as in print, may stand for the minus. -#}
{% macro is_no_number(column) -%}
    {%- set plain = "translate(trim(" ~ column ~ "), '\u2013\u2212', '--')" -%}
    '{{ column }} ' || coalesce({{ in_quotes(column) }}, '(blank)') || ' is not a number: '
    || case
        when {{ has_form(plain, '-[0-9]+([.][0-9]+)?') }} then 'write ' || {{ plain }} || ' with a plain minus'
        else {{ as_number_text(column) }}
    end
{%- endmacro %}


{#- Whether a text is no whole number of 1 or more, or missing. -#}
{% macro is_no_count(column) -%}
    coalesce(not ({{ has_form('trim(' ~ column ~ ')', '0*[1-9][0-9]{0,8}') }}), true)
{%- endmacro %}


{% macro neither_true_nor_false(column) -%}
    '{{ column }} ' || {{ in_quotes(column) }} || ' is neither true nor false'
{%- endmacro %}


{#- Stops the build before anything is scored, and reports every mistake in the config seeds. -#}
{% macro stop_on_config_errors(config_errors) %}
    {% if not execute %}{{ return('') }}{% endif %}
    {% set found = run_query('select file, mistake from ' ~ config_errors ~ ' order by file, mistake').rows %}
    {% if found | length > 0 %}
        {% set lines = ['The rules in ' ~ ('seeds/config' if is_root_project() else project_name) ~ ' have mistakes. Nothing was scored; the last scores stand.'] %}
        {% for row in found %}{% do lines.append('  ' ~ row[0] ~ ': ' ~ row[1]) %}{% endfor %}
        {{ exceptions.raise_compiler_error(lines | join('\n')) }}
    {% endif %}
{% endmacro %}
