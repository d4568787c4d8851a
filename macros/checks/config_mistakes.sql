{#- For each file of rules, how a message names one of its rows. -#}
{% macro config_subjects() %}
    {{ return({
        'scoring_rules': "'rule ' || coalesce(rule_id, '(no rule_id, for ' || coalesce(event_type, 'no event_type') || ')')",
        'scoring_rule_conditions': "'condition of rule ' || coalesce(rule_id, '(blank)')",
        'fit_rules': "'rule ' || coalesce(rule_id, '(no rule_id, for ' || coalesce(attribute, 'no attribute') || ')')",
        'disqualification_rules': "'rule ' || coalesce(event_type, '(no event_type)')",
        'score_bands': "'band ' || coalesce(band, '(blank)') || ' of ' || coalesce(score_name, 'engagement')",
        'lead_grades': "'grade ' || coalesce(grade, '(blank)') || ' for ' || coalesce(fit_band, 'no band') || ' and ' || coalesce(band, 'no band')",
        'machine_user_agents': "'row ' || coalesce(description, '(no description)')",
        'outcomes': "'outcome ' || coalesce(outcome, '(no name, for ' || coalesce(event_type, 'no event_type') || ')')",
    }) }}
{% endmacro %}


{#- What may be wrong with a single row: the file, a condition in SQL, and the message, also in SQL. -#}
{% macro mistakes_in_rows() %}
    {% set mistakes = [
        ('scoring_rules', 'event_type is null', "'event_type is blank: name the event that earns'"),
        (
            'scoring_rules',
            'min_times is not null and ' ~ is_no_count('min_times'),
            "'min_times ' || " ~ in_quotes('min_times') ~ " || ' is not a whole number of 1 or more; leave it empty for 1'",
        ),
        (
            'scoring_rule_conditions', 'rule_id is null', "'rule_id is blank: name the rule that the condition belongs to'",
        ),
        (
            'scoring_rule_conditions', 'match_field is null or match_operator is null or match_value is null',
            "'it is half there: fill in match_field, match_operator and match_value, or remove the row'",
        ),
        ('scoring_rules', is_no_boolean('counts_repeats'), neither_true_nor_false('counts_repeats')),
        (
            'scoring_rules', readable_timestamp_from_text('valid_from') ~ ' >= ' ~ readable_timestamp_from_text('valid_to'),
            "'valid_from is not before valid_to: the rule would never apply'",
        ),
        ('disqualification_rules', 'event_type is null', "'event_type is blank: name the event that disqualifies'"),
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
            'score_bands',
            'coalesce(not (' ~ has_form('trim(window_days)', '0*([1-9]|[1-8][0-9]|90)') ~ '), true) and not (window_days is null and ' ~ is_fit_score() ~ ')',
            "'window_days ' || coalesce(" ~ in_quotes('window_days') ~ ", '(blank)') || ' is not a whole number from 1 to 90'",
        ),
        (
            'score_bands', 'window_days is not null and ' ~ is_fit_score(),
            "'a score of fit_rules.csv has no window: leave window_days empty'",
        ),
        (
            'fit_rules',
            "coalesce(score_name, 'fit') in (select coalesce(rules.score_name, 'engagement') from scoring_rules as rules)",
            "'scoring_rules.csv feeds the score ' || coalesce(score_name, 'fit') || ': give the fit rules one of their own'",
        ),
        ('fit_rules', 'attribute is null', "'attribute is blank: name a column of contacts, email_domain, list or an attribute of yours'"),
        (
            'fit_rules',
            "coalesce(match_operator not in ('" ~ (match_operators() + ['is_known', 'is_unknown', 'at_least', 'at_most']) | join("', '") ~ "'), true)",
            "'match_operator ' || coalesce(" ~ in_quotes('match_operator') ~ ", '(blank)') || ' is unknown: use equals, starts_with or contains, one of these after not_, is_known, is_unknown, at_least or at_most'",
        ),
        (
            'fit_rules', "match_operator in ('is_known', 'is_unknown') and match_value is not null",
            "match_operator || ' looks for no value: leave match_value empty'",
        ),
        (
            'fit_rules', "match_operator not in ('is_known', 'is_unknown') and match_value is null",
            "'match_value is blank: say what ' || match_operator || ' compares with'",
        ),
        (
            'fit_rules', "match_operator in ('at_least', 'at_most') and match_value is not null and " ~ number_from_text('match_value') ~ ' is null',
            is_no_number('match_value'),
        ),
        ('lead_grades', 'grade is null', "'grade is blank: name it, or remove the row'"),
        (
            'lead_grades', "coalesce(fit_score_name, 'fit') not in (select coalesce(rules.score_name, 'fit') from fit_rules as rules)",
            "'no rule of fit_rules.csv feeds the fit score ' || coalesce(fit_score_name, 'fit') || ': name one that has rules'",
        ),
        (
            'lead_grades', "coalesce(score_name, 'engagement') not in (select coalesce(rules.score_name, 'engagement') from scoring_rules as rules)",
            "'no rule of scoring_rules.csv feeds the score ' || coalesce(score_name, 'engagement') || ': name one that has rules'",
        ),
        ('lead_grades', is_no_boolean('is_sales_ready'), neither_true_nor_false('is_sales_ready')),
        ('score_bands', number_from_text('min_score') ~ ' is null', is_no_number('min_score')),
        ('score_bands', is_no_boolean('is_sales_ready'), neither_true_nor_false('is_sales_ready')),
        ('machine_user_agents', 'pattern is null', "'pattern is blank: fill it in, or remove the row'"),
        ('outcomes', 'outcome is null', "'outcome is blank: give it a name of its own'"),
        (
            'outcomes', 'not (' ~ has_form('outcome', '[a-z][a-z0-9_]*') ~ ')',
            "'outcome is not lower_snake_case: ' || " ~ in_snake_case('outcome'),
        ),
        ('outcomes', 'event_type is null', "'event_type is blank: name the event that the scores should predict'"),
        (
            'outcomes', 'coalesce(not (' ~ has_form('trim(horizon_days)', '0*([1-9]|[1-9][0-9]|1[0-7][0-9]|180)') ~ '), true)',
            "'horizon_days ' || coalesce(" ~ in_quotes('horizon_days') ~ ", '(blank)') || ' is not a whole number from 1 to 180'",
        ),
        (
            'outcomes', 'is_wanted is null',
            "'is_wanted is blank: write true, or false for what should not happen, such as leaving'",
        ),
        ('outcomes', is_no_boolean('is_wanted'), neither_true_nor_false('is_wanted')),
        ('outcomes', is_no_boolean('repeats'), neither_true_nor_false('repeats')),
    ] %}
    {% for file in ['scoring_rules', 'disqualification_rules', 'outcomes'] %}
        {% do mistakes.append((file, event_type_mistake('event_type') ~ ' is not null', event_type_mistake('event_type'))) %}
    {% endfor %}
    {% for file in ['scoring_rules', 'outcomes'] %}
        {% do mistakes.append((
            file,
            '(match_field is null or match_operator is null or match_value is null) and coalesce(match_field, match_operator, match_value) is not null',
            "'the filter is half there: fill in match_field, match_operator and match_value, or leave all three empty'",
        )) %}
    {% endfor %}
    {% for band, score_name, default in [('fit_band', 'fit_score_name', 'fit'), ('band', 'score_name', 'engagement')] %}
        {% do mistakes.append((
            'lead_grades',
            "not exists (select 1 from score_bands as bands where bands.band = lead_grades." ~ band
            ~ " and coalesce(bands.score_name, 'engagement') = coalesce(lead_grades." ~ score_name ~ ", '" ~ default ~ "'))"
            ~ " and " ~ band ~ " is not null",
            "'score_bands.csv has no band ' || " ~ in_quotes(band) ~ " || ' of the score ' || coalesce(" ~ score_name ~ ", '" ~ default ~ "')"
            ~ " || ' (was it renamed there?): name one that it has, or leave " ~ band ~ " empty for contacts without a band'",
        )) %}
    {% endfor %}
    {% for file in ['scoring_rules', 'fit_rules'] %}
        {% do mistakes.extend([
            (file, 'rule_id is null', "'rule_id is blank: give the rule a name of its own'"),
            (
                file, 'not (' ~ has_form('rule_id', '[a-z][a-z0-9_]*') ~ ')',
                "'rule_id is not lower_snake_case: ' || " ~ in_snake_case('rule_id'),
            ),
            (file, number_from_text('points') ~ ' is null', is_no_number('points')),
            (
                file, 'abs(' ~ number_from_text('points') ~ ') > 1000000',
                "'points ' || " ~ in_quotes('points') ~ " || ' is out of range: use -1000000 to 1000000'",
            ),
        ]) %}
    {% endfor %}
    {% for file in ['scoring_rules', 'scoring_rule_conditions', 'outcomes'] %}
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


{#- Whether a row of score_bands is of a score that fit rules feed. -#}
{% macro is_fit_score() -%}
    coalesce(score_name, 'engagement') in (select coalesce(rules.score_name, 'fit') from fit_rules as rules)
{%- endmacro %}


{#- What must not occur on two rows of a file: the file, the columns, and the message. -#}
{% macro mistakes_of_copies() %}
    {{ return([
        ('scoring_rules', 'rule_id', "'rule_id stands on ' || count(*) || ' rows: every rule needs one of its own'"),
        ('fit_rules', 'rule_id', "'rule_id stands on ' || count(*) || ' rows: every rule needs one of its own'"),
        ('disqualification_rules', 'event_type', "'event_type stands on ' || count(*) || ' rows: keep one'"),
        ('score_bands', "band, coalesce(score_name, 'engagement')", "'the band stands on ' || count(*) || ' rows: keep one'"),
        ('outcomes', 'outcome', "'outcome stands on ' || count(*) || ' rows: every outcome needs a name of its own'"),
    ]) }}
{% endmacro %}
