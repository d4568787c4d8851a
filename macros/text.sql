{#- White space of any script, and invisible characters, as a SQL literal of the characters themselves. -#}
{% macro white_space() -%}
    '{{ "\u0009\u000a\u000b\u000c\u000d\u001c\u001d\u001e\u001f\u0020\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" }}'
{%- endmacro %}


{#- A text that is compared and sorted by code point, whatever the language of the database. -#}
{% macro by_code_point(expression) -%}
    {{ adapter.dispatch('by_code_point', 'contact_scoring')(expression) }}
{%- endmacro %}


{#- In lower case, in any script. -#}
{% macro lower_case(expression) -%}
    {{ adapter.dispatch('lower_case', 'contact_scoring')(expression) }}
{%- endmacro %}


{% macro trimmed(expression) -%}
    {{ adapter.dispatch('trimmed', 'contact_scoring')(expression) }}
{%- endmacro %}


{#- Empty or white-space text becomes null. Any other text stays as it is. -#}
{% macro text_or_null(expression) -%}
    case
        -- nearly all text begins like this: for 12 million texts the check takes 0.2 s, and trimming 5 s
        when {{ is_ascii_graphic(expression) }} then {{ expression }}
        when {{ trimmed(expression) }} <> '' then {{ expression }}
    end
{%- endmacro %}


{#- The form in which e-mail addresses are compared everywhere: trimmed and in lower case. -#}
{% macro normalised_email(expression) -%}
    {%- set text -%}
        case
            when {{ is_ascii_graphic(expression) }} and {{ is_ascii_graphic(last_character(expression)) }} then {{ expression }}
            else {{ trimmed(expression) }}
        end
    {%- endset -%}
    {{ lower_case(text) }}
{%- endmacro %}


{#- The form in which names of companies are compared: in lower case, with each run of white space as one space. -#}
{% macro normalised_name(expression) -%}
    {{ adapter.dispatch('normalised_name', 'contact_scoring')(expression) }}
{%- endmacro %}


{% macro last_character(expression) -%}
    {{ adapter.dispatch('last_character', 'contact_scoring')(expression) }}
{%- endmacro %}


{#- Whether a text begins with a visible ASCII character, and so not with white space. `~` itself is left out. -#}
{% macro is_ascii_graphic(expression) -%}
    {{ by_code_point(expression) }} between '!' and '~'
{%- endmacro %}


{% macro is_true(expression) -%}
    coalesce(lower({{ trimmed(expression) }}) in ('true', 't', 'yes', '1'), false)
{%- endmacro %}


{#- How a rule compares a text. After not_ it also matches where there is no text. -#}
{% macro match_operators() %}
    {{ return(['equals', 'starts_with', 'contains', 'not_equals', 'not_starts_with', 'not_contains']) }}
{% endmacro %}


{#- Whether a text compares as the operator says. Case-sensitive and literal, so LIKE is not used. -#}
{% macro text_matches(expression, operator, value) -%}
    case {{ operator }}
        when 'equals' then {{ expression }} = {{ value }}
        when 'starts_with' then left({{ expression }}, length({{ value }})) = {{ value }}
        when 'contains' then position({{ value }} in {{ expression }}) > 0
        when 'not_equals' then coalesce({{ expression }} <> {{ value }}, true)
        when 'not_starts_with' then coalesce(left({{ expression }}, length({{ value }})) <> {{ value }}, true)
        when 'not_contains' then coalesce(position({{ value }} in {{ expression }}) = 0, true)
    end
{%- endmacro %}


{#- A text in single quotes, for a message. Engines differ in how they write a quote inside a literal. -#}
{% macro in_quotes(expression) -%}
    chr(39) || {{ expression }} || chr(39)
{%- endmacro %}


{#- Whether the whole text matches a regular expression. -#}
{% macro has_form(expression, pattern) -%}
    {{ adapter.dispatch('has_form', 'contact_scoring')(expression, pattern) }}
{%- endmacro %}


{#- How many letters to change between two texts; null where the engine cannot say. -#}
{% macro edit_distance(left, right) -%}
    {{ adapter.dispatch('edit_distance', 'contact_scoring')(left, right) }}
{%- endmacro %}
