{#-
    Past as-ofs are midnights, so days say all that they ask of a time: it is before a past as-of if its day is before
    the as-of's day. What holds for a while has two days, `after_day` and `until_day`: it holds at the as-ofs after the
    former and up to the latter.
-#}

{#- The `after_day` of what has always held. -#}
{% macro first_day() -%}
    date '0001-01-01'
{%- endmacro %}


{#- The `until_day` of what still holds. -#}
{% macro last_day() -%}
    date '9999-12-31'
{%- endmacro %}


{#- Whether something holds at a past as-of. -#}
{% macro holds_at(past_day, span) -%}
    {{ span }}.after_day < {{ past_day }} and {{ span }}.until_day >= {{ past_day }}
{%- endmacro %}


{#-
    Whether a filter that holds says of another on the same field that it cannot hold. A text that begins with, or
    contains, another one has all beginnings and parts that this one has. Anything less certain is false.
-#}
{% macro rules_out(given, other) -%}
    case
            when {{ given }}.match_operator = 'equals'
                or ({{ given }}.match_operator = 'starts_with' and {{ other }}.match_operator in ('not_starts_with', 'not_contains'))
                or ({{ given }}.match_operator = 'contains' and {{ other }}.match_operator = 'not_contains')
                then not {{ text_matches(given ~ '.match_value', other ~ '.match_operator', other ~ '.match_value') }}
            when {{ given }}.match_operator = 'starts_with' and {{ other }}.match_operator = 'starts_with'
                then
                    left({{ given }}.match_value, length({{ other }}.match_value)) <> {{ other }}.match_value
                    and left({{ other }}.match_value, length({{ given }}.match_value)) <> {{ given }}.match_value
            else false
        end
{%- endmacro %}
