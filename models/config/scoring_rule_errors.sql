with

rules as (

    {{ config_rows('scoring_rules') }}

),

named as (

    select
        *,
        {{ number_from_text('points') }} as points_number,
        {{ number_from_text('max_points') }} as max_points_number,
        {{ number_from_text('expires_after_days') }} as expires_after_days_number,
        {{ number_from_text('half_life_days') }} as half_life_days_number,
        {{ readable_timestamp_from_text('valid_from') }} as valid_from_time,
        {{ readable_timestamp_from_text('valid_to') }} as valid_to_time,
        {{ event_type_mistake('event_type') }} as event_type_mistake,
        'rule ' || coalesce(rule_id, '(no rule_id, for ' || coalesce(event_type, 'no event_type') || ')') as rule_name

    from rules

),

mistakes as (

    select
        'there is no rule' as rule_name,
        'add one row a rule' as mistake
    from (select count(*) as n_rules from rules) as counted
    where n_rules = 0

    union all

    select
        rule_name,
        'rule_id is blank: give the rule a name of its own' as mistake
    from named
    where rule_id is null

    union all

    select
        rule_name,
        'rule_id is not lower_snake_case: ' || {{ in_snake_case('rule_id') }} as mistake
    from named
    where not ({{ has_form('rule_id', '[a-z][a-z0-9_]*') }})

    union all

    select
        max(rule_name) as rule_name,
        'rule_id stands on ' || count(*) || ' rows: every rule needs one of its own' as mistake
    from named
    where rule_id is not null
    group by rule_id
    having count(*) > 1

    union all

    select
        rule_name,
        'event_type is blank: name the event that earns' as mistake
    from named
    where event_type is null

    union all

    select
        rule_name,
        event_type_mistake as mistake
    from named
    where event_type_mistake is not null

    union all

    select
        rule_name,
        'the filter is half there: fill in match_field, match_operator and match_value, '
        || 'or leave all three empty' as mistake
    from named
    where
        (match_field is null or match_operator is null or match_value is null)
        and coalesce(match_field, match_operator, match_value) is not null

    union all

    select
        rule_name,
        'match_field ' || {{ in_quotes('match_field') }}
        || ' is unknown: use link_url, page_url, campaign_id or detail' as mistake
    from named
    where match_field not in ('link_url', 'page_url', 'campaign_id', 'detail')

    union all

    select
        rule_name,
        'match_operator ' || {{ in_quotes('match_operator') }}
        || ' is unknown: use equals, starts_with or contains' as mistake
    from named
    where match_operator not in ('equals', 'starts_with', 'contains')

    union all

    select
        rule_name,
        'points ' || coalesce({{ in_quotes('points') }}, '(blank)')
        || ' is not a number: ' || {{ as_number_text('points') }} as mistake
    from named
    where points_number is null

    union all

    select
        rule_name,
        'points ' || {{ in_quotes('points') }} || ' is out of range: use -1000000 to 1000000' as mistake
    from named
    where abs(points_number) > 1000000

    union all

    select
        rule_name,
        'counts_repeats ' || {{ in_quotes('counts_repeats') }} || ' is neither true nor false' as mistake
    from named
    where {{ is_no_boolean('counts_repeats') }}

    {% for column in ['max_points', 'expires_after_days', 'half_life_days'] %}
    union all

    select
        rule_name,
        '{{ column }} ' || {{ in_quotes(column) }}
        || ' is not a positive number: ' || {{ as_number_text(column) }} || ', or leave it empty' as mistake
    from named
    where {{ column }} is not null and coalesce({{ column }}_number, 0) <= 0
    {% endfor %}

    {% for column in ['valid_from', 'valid_to'] %}
    union all

    select
        rule_name,
        '{{ column }} ' || {{ in_quotes(column) }}
        || ' is not a time: write it as 2026-11-22 or 2026-11-22T12:00:00Z' as mistake
    from named
    where {{ column }} is not null and {{ column }}_time is null
    {% endfor %}

    union all

    select
        rule_name,
        'valid_from is not before valid_to: the rule would never apply' as mistake
    from named
    where valid_from_time >= valid_to_time

)

select * from mistakes
