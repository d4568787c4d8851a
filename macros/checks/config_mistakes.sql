{#- For each file of rules, how a message names one of its rows. -#}
{% macro config_subjects() %}
    {{ return({
        'scoring_rules': "'rule ' || coalesce(rule_id, '(no rule_id, for ' || coalesce(event_type, 'no event_type') || ')')",
        'scoring_rule_conditions': "'condition of rule ' || coalesce(rule_id, '(blank)')",
        'disqualification_rules': "'rule ' || coalesce(event_type, '(no event_type)')",
        'score_bands': "'band ' || coalesce(band, '(blank)') || ' of ' || coalesce(score_name, 'engagement')",
        'machine_user_agents': "'row ' || coalesce(description, '(no description)')",
    }) }}
{% endmacro %}


{#- What may be wrong with a single row: the file, a condition in SQL, and the message, also in SQL. -#}
{% macro mistakes_in_rows() %}
    {% set mistakes = [
        ('scoring_rules', 'rule_id is null', "'rule_id is blank: give the rule a name of its own'"),
        (
            'scoring_rules', 'not (' ~ has_form('rule_id', '[a-z][a-z0-9_]*') ~ ')',
            "'rule_id is not lower_snake_case: ' || " ~ in_snake_case('rule_id'),
        ),
        ('scoring_rules', 'event_type is null', "'event_type is blank: name the event that earns'"),
        ('scoring_rules', event_type_mistake('event_type') ~ ' is not null', event_type_mistake('event_type')),
        (
            'scoring_rules',
            '(match_field is null or match_operator is null or match_value is null) and coalesce(match_field, match_operator, match_value) is not null',
            "'the filter is half there: fill in match_field, match_operator and match_value, or leave all three empty'",
        ),
        (
            'scoring_rules',
            'min_times is not null and ' ~ is_no_count('min_times'),
            "'min_times ' || " ~ in_quotes('min_times') ~ " || ' is not a whole number of 1 or more; leave it empty for 1'",
        ),
        (
            'scoring_rule_conditions', 'rule_id is null', "'rule_id is blank: name the rule that the condition belongs to'",
        ),
        (
            'scoring_rule_conditions',
            'rule_id is not null and rule_id not in (select rules.rule_id from scoring_rules as rules where rules.rule_id is not null)',
            "'scoring_rules.csv has no such rule: name one that it has, or remove the row'",
        ),
        (
            'scoring_rule_conditions', 'match_field is null or match_operator is null or match_value is null',
            "'it is half there: fill in match_field, match_operator and match_value, or remove the row'",
        ),
        ('scoring_rules', number_from_text('points') ~ ' is null', is_no_number('points')),
        (
            'scoring_rules', 'abs(' ~ number_from_text('points') ~ ') > 1000000',
            "'points ' || " ~ in_quotes('points') ~ " || ' is out of range: use -1000000 to 1000000'",
        ),
        ('scoring_rules', is_no_boolean('counts_repeats'), neither_true_nor_false('counts_repeats')),
        (
            'scoring_rules', readable_timestamp_from_text('valid_from') ~ ' >= ' ~ readable_timestamp_from_text('valid_to'),
            "'valid_from is not before valid_to: the rule would never apply'",
        ),
        ('disqualification_rules', 'event_type is null', "'event_type is blank: name the event that disqualifies'"),
        ('disqualification_rules', event_type_mistake('event_type') ~ ' is not null', event_type_mistake('event_type')),
        (
            'disqualification_rules', is_no_count('min_occurrences'),
            "'min_occurrences ' || coalesce(" ~ in_quotes('min_occurrences') ~ ", '(blank)') || ' is not a whole number of 1 or more'",
        ),
        (
            'disqualification_rules', "coalesce(applies_to not in ('current_address', 'contact'), true)",
            "'applies_to ' || coalesce(" ~ in_quotes('applies_to') ~ ", '(blank)') || ' is unknown: use current_address or contact'",
        ),
        ('score_bands', 'band is null', "'band is blank: give it a name'"),
        (
            'score_bands', 'coalesce(not (' ~ has_form('trim(window_days)', '0*([1-9]|[1-8][0-9]|90)') ~ '), true)',
            "'window_days ' || coalesce(" ~ in_quotes('window_days') ~ ", '(blank)') || ' is not a whole number from 1 to 90'",
        ),
        ('score_bands', number_from_text('min_score') ~ ' is null', is_no_number('min_score')),
        ('score_bands', is_no_boolean('is_sales_ready'), neither_true_nor_false('is_sales_ready')),
        ('machine_user_agents', 'pattern is null', "'pattern is blank: fill it in, or remove the row'"),
    ] %}
    {% for file in ['scoring_rules', 'scoring_rule_conditions'] %}
        {% do mistakes.append((
            file, "match_field not in ('link_url', 'page_url', 'campaign_id', 'detail')",
            "'match_field ' || " ~ in_quotes('match_field') ~ " || ' is unknown: use link_url, page_url, campaign_id or detail'",
        )) %}
        {% do mistakes.append((
            file, "match_operator not in ('" ~ match_operators() | join("', '") ~ "')",
            "'match_operator ' || " ~ in_quotes('match_operator') ~ " || ' is unknown: use equals, starts_with or contains, or one of these after not_'",
        )) %}
    {% endfor %}
    {% for column in ['max_points', 'expires_after_days', 'half_life_days'] %}
        {% do mistakes.append((
            'scoring_rules', column ~ ' is not null and coalesce(' ~ number_from_text(column) ~ ', 0) <= 0',
            "'" ~ column ~ " ' || " ~ in_quotes(column) ~ " || ' is not a positive number: ' || " ~ as_number_text(column) ~ " || ', or leave it empty'",
        )) %}
    {% endfor %}
    {% for column in ['valid_from', 'valid_to'] %}
        {% do mistakes.append((
            'scoring_rules', column ~ ' is not null and ' ~ readable_timestamp_from_text(column) ~ ' is null',
            "'" ~ column ~ " ' || " ~ in_quotes(column) ~ " || ' is not a time: write it as 2026-11-22 or 2026-11-22T12:00:00Z'",
        )) %}
    {% endfor %}
    {{ return(mistakes) }}
{% endmacro %}


{#- What must not occur on two rows of a file: the file, the columns, and the message. -#}
{% macro mistakes_of_copies() %}
    {{ return([
        ('scoring_rules', 'rule_id', "'rule_id stands on ' || count(*) || ' rows: every rule needs one of its own'"),
        ('disqualification_rules', 'event_type', "'event_type stands on ' || count(*) || ' rows: keep one'"),
        ('score_bands', "band, coalesce(score_name, 'engagement')", "'the band stands on ' || count(*) || ' rows: keep one'"),
    ]) }}
{% endmacro %}
