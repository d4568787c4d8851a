{#- Points after decay: halved with every half-life, and rounded to 6 places, half away from zero. -#}
{% macro decayed_points(points, half_life_days, age_days) -%}
    cast(
        case
            when {{ half_life_days }} is null then {{ points }}
            else round(cast({{ points }} * power(0.5, {{ age_days }} / {{ half_life_days }}) as decimal(38, 12)), 6)
        end as decimal(18, 6)
    )
{%- endmacro %}


{#- Whether an engagement of this age no longer counts. On the last day it still does. -#}
{% macro is_expired(expires_after_days, age_days) -%}
    coalesce({{ age_days }} > {{ expires_after_days }}, false)
{%- endmacro %}


{#- Points capped in both directions. Without a cap they stay as they are. -#}
{% macro capped(points, max_points) -%}
    case
        when {{ points }} > {{ max_points }} then {{ max_points }}
        when {{ points }} < -{{ max_points }} then -{{ max_points }}
        else {{ points }}
    end
{%- endmacro %}


{#- Points to the cent, half a cent away from 0. -#}
{% macro rounded_points(points) -%}
    {{ adapter.dispatch('rounded_points', 'contact_scoring')(points) }}
{%- endmacro %}


{#- What a rule adds for a contact in a window, from the times and points earned there: 0 below `min_times`. -#}
{% macro driver_points(times_earned, points, min_times, max_points) -%}
    cast(
        case
            when {{ times_earned }} >= {{ min_times }} then {{ rounded_points(capped(points, max_points)) }}
            else 0
        end as decimal(18, 2)
    )
{%- endmacro %}


{#- The column of an engagement that a rule's filter reads. -#}
{% macro rule_field(engagement, match_field) -%}
    case {{ match_field }}
        when 'link_url' then {{ engagement }}.link_url
        when 'page_url' then {{ engagement }}.page_url
        when 'campaign_id' then {{ engagement }}.campaign_id
        when 'detail' then {{ engagement }}.detail
    end
{%- endmacro %}


{#- How many further conditions a rule may have. Each is a column of the rule, so that all are looked at in one join. -#}
{% macro most_conditions() %}{{ return(9) }}{% endmacro %}


{#- Whether an engagement passes a filter of a rule: its own, or a further condition by its number. -#}
{% macro passes_filter(engagement, rule, number='') -%}
    ({{ rule }}.match_field{{ number }} is null or {{ text_matches(
                rule_field(engagement, rule ~ '.match_field' ~ number),
                rule ~ '.match_operator' ~ number,
                rule ~ '.match_value' ~ number
            ) }})
{%- endmacro %}


{#- Whether a rule looks at an engagement, by its type, its validity and its filter. -#}
{% macro is_looked_at(engagement, rule) -%}
    {{ engagement }}.event_type = {{ rule }}.event_type
            and ({{ rule }}.valid_from is null or {{ engagement }}.occurred_at >= {{ rule }}.valid_from)
            and ({{ rule }}.valid_to is null or {{ engagement }}.occurred_at < {{ rule }}.valid_to)
            and {{ passes_filter(engagement, rule) }}
{%- endmacro %}


{#- Whether a rule matches an engagement: it looks at it, and all further conditions hold. -#}
{% macro is_match(engagement, rule) -%}
    {{ is_looked_at(engagement, rule) }}
            {%- for number in range(1, most_conditions() + 1) %}
            and {{ passes_filter(engagement, rule, '_' ~ number) }}
            {%- endfor %}
{%- endmacro %}


{#- The columns of a rule that decide which engagements may earn under it, and until when. -#}
{% macro matching_columns(rule) %}
    {% set columns = [] %}
    {% for column in ['event_type', 'counts_repeats', 'valid_from', 'valid_to', 'expires_after_days'] %}
        {% do columns.append(rule ~ '.' ~ column) %}
    {% endfor %}
    {% for number in range(most_conditions() + 1) %}
        {% for column in ['match_field', 'match_operator', 'match_value'] %}
            {% do columns.append(rule ~ '.' ~ column ~ ('_' ~ number if number else '')) %}
        {% endfor %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}
