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


{#- Whether counts of past_rule_counts are of a period of past_periods, and known at its as-of. -#}
{% macro is_of_period(counts, periods) -%}
    {{ counts }}.occurred_day = {{ periods }}.occurred_day
            and {{ counts }}.half_of_day = {{ periods }}.half_of_day
            and {{ holds_at(periods ~ '.past_day', counts) }}
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


{#- Contacts with, and without, the outcome that any figure needs: at 10 with it the 95 % interval covered only 91 %. -#}
{% macro fewest_contacts() %}{{ return(20) }}{% endmacro %}


{#- Contacts with the outcome that a choice needs: on 44 of them choosing the best window is worse than keeping one. -#}
{% macro fewest_contacts_to_choose() %}{{ return(100) }}{% endmacro %}


{#-
    Contacts with the outcome that a rule's verdict needs, in the rows in which the rule earned: with 5 to 9 of them 11 %
    of rules without any effect were said to carry or to harm.
-#}
{% macro fewest_contacts_of_rule() %}{{ return(10) }}{% endmacro %}


{#- Rows of the panel that a score is tried on: see evaluated_steps. -#}
{% macro populations() %}{{ return(['all', 'active', 'with_machines']) }}{% endmacro %}


{#- How many contacts a team might call after each as-of. -#}
{% macro team_calls() %}{{ return([25, 50, 100, 200, 400]) }}{% endmacro %}


{#- Half-lives in days that a score is tried with; 0 stands for none. -#}
{% macro half_lives() %}{{ return([0, 3, 7, 14, 30, 60]) }}{% endmacro %}


{#- The normal distribution's 97.5 % quantile: of a 95 % interval. -#}
{% macro z() %}{{ return('1.959963984540054') }}{% endmacro %}


{#-
    Bound of an AUC's 95 % interval, which is symmetric in log odds: `-` is the lower, `+` the upper one. With 20
    contacts with the outcome an interval symmetric about the AUC covered the truth in 91 %, this one in 93 %.
-#}
{% macro auc_bound(auc, se, sign) -%}
    case
            when {{ auc }} * (1 - {{ auc }}) = 0 then {{ auc }}
            else {{ auc }} / (
                {{ auc }} + (1 - {{ auc }}) / exp({{ sign }}{{ z() }} * {{ se }} / ({{ auc }} * (1 - {{ auc }})))
            )
        end
{%- endmacro %}


{#- Wilson's bound of a rate: `-` is the lower, `+` the upper one. By rounding, that of 0 could be less, and of 1 more. -#}
{% macro wilson_bound(rate, n, sign) -%}
    case
            when {{ rate }} = {{ 0 if sign == '-' else 1 }} then {{ rate }}
            else ({{ rate }} + {{ z() }} * {{ z() }} / (2 * {{ n }}) {{ sign }} {{ z() }} * sqrt(
                {{ rate }} * (1 - {{ rate }}) / {{ n }} + {{ z() }} * {{ z() }} / (4 * {{ n }} * {{ n }})
            )) / (1 + {{ z() }} * {{ z() }} / {{ n }})
        end
{%- endmacro %}


{#- Rounded points in cents. Sums of whole numbers are exact, and five times as fast as those of decimals. -#}
{% macro cents(points) -%}
    cast(100 * {{ points }} as bigint)
{%- endmacro %}


{#-
    Rows without the outcome that a row with it and this score wins against: the lower ones, and half of the ties.
    `among` is the prefix of the columns that count rows, such as `active_`. They are doubles, for their windows take
    two thirds of the time of those over whole numbers, and are as exact.
-#}
{% macro wins_with_outcome(partition, among='') -%}
    sum({{ among }}without_outcome) over (partition by {{ partition }} order by cents) - {{ among }}without_outcome / 2
{%- endmacro %}


{#-
    Rows with the outcome that a row without it and this score wins against: the higher ones, and half of the ties. All
    less the lower ones: in the same order as above, rows are sorted once for both.
-#}
{% macro wins_without_outcome(partition, among='') -%}
    sum({{ among }}with_outcome) over (partition by {{ partition }})
        - sum({{ among }}with_outcome) over (partition by {{ partition }} order by cents)
        + {{ among }}with_outcome / 2
{%- endmacro %}


{#- `among`: the prefix of the columns that count wins among fewer rows, such as `active_`. -#}
{% macro wins_of_row(panel_row, score_wins, among='') -%}
    case
            when {{ panel_row }}.y = 1 then {{ score_wins }}.{{ among }}wins_with_outcome
            else {{ score_wins }}.{{ among }}wins_without_outcome
        end
{%- endmacro %}


{#- How many folds there are. -#}
{% macro folds() %}{{ return(5) }}{% endmacro %}


{#-
    One of five parts of the contacts: the number in the first 8 hexadecimal digits of a hash, modulo 5. As 16 is 1
    modulo 5, that is the sum of the digits modulo 5.
-#}
{% macro fold(contact_id) -%}
    cast((
            {%- for place in range(1, 9) %}
            {{ '+ ' if not loop.first }}position(substring({{ dbt.hash("'fold:' || " ~ contact_id) }}, {{ place }}, 1) in '123456789abcdef')
            {%- endfor %}
        ) % {{ folds() }} as integer)
{%- endmacro %}


{#- Whether a change is chosen on this as-of: one of the oldest 60 %. On the others it is tried. -#}
{% macro is_for_choosing(as_of_number) -%}
    {{ as_of_number }} * 10 <= {{ var('evaluation_as_ofs') }} * 6
{%- endmacro %}


{#- The wins of each contact, by ranking, in each of ten windows. -#}
{% macro wins_of_ten_windows(first_window) -%}
    {% for window_days in range(first_window, first_window + 10) %}
    select
        {% for population in populations() %}
        sum(score_wins.{{ population }}_wins) as {{ population }}_wins,
        {% endfor %}
        placed_steps.ranking_number,
        {{ window_days }} as window_days,
        placed_steps.contact
    from {{ ref('placed_steps') }} as placed_steps
    inner join {{ ref('score_wins') }} as score_wins
        on placed_steps.place_number = score_wins.place_number
    where
        {{ window_days }} between placed_steps.from_window and placed_steps.to_window
        and score_wins.window_days = {{ window_days }}
    group by placed_steps.ranking_number, placed_steps.contact
    {{ 'union all' if not loop.last }}
    {% endfor %}
{%- endmacro %}


{% macro insert_wins(first_window) -%}
    insert into {{ this }} {{ wins_of_ten_windows(first_window) }}
{%- endmacro %}
