{{ config(
    materialized='table',
    post_hook="{{ stop_on_config_errors(this) }}",
) }}

with

{% for file in config_columns() %}
{{ file }} as (

    {{ config_rows(file) }}

),

{% endfor %}
places as (

    {% for place in range(1, 31) %}
    select {{ place }} as place{{ ' union all' if not loop.last }}
    {% endfor %}

),

-- cleared_by holds event types, separated by spaces
clearing_types as (

    select
        {{ config_subjects()['disqualification_rules'] }} as subject,
        split_part(disqualification_rules.cleared_by, ' ', places.place) as cleared_by
    from disqualification_rules
    cross join places

),

mistakes as (

    {% for file, condition, mistake in mistakes_in_rows() %}
    select
        '{{ file }}' as file,
        {{ config_subjects()[file] }} as subject,
        {{ mistake }} as mistake
    from {{ file }}
    where {{ condition }}
    union all
    {% endfor %}

    {% for file, columns, mistake in mistakes_of_copies() %}
    select
        '{{ file }}' as file,
        max({{ config_subjects()[file] }}) as subject,
        {{ mistake }} as mistake
    from {{ file }}
    where {{ columns.split(',')[0] }} is not null
    group by {{ columns }}
    having count(*) > 1
    union all
    {% endfor %}

    select
        'disqualification_rules' as file,
        subject,
        {{ event_type_mistake('cleared_by') }} as mistake
    from clearing_types
    where cleared_by <> '' and {{ event_type_mistake('cleared_by') }} is not null

    union all

    select
        'scoring_rules' as file,
        'there is no rule' as subject,
        'add one row a rule' as mistake
    from (select count(*) as n_rules from scoring_rules) as counted
    where n_rules = 0

    union all

    select
        'score_bands' as file,
        'score name ' || coalesce(score_name, 'engagement') as subject,
        'its bands have different window_days (' || min(window_days) || ' and ' || max(window_days)
        || '): use one for all of them' as mistake
    from score_bands
    group by coalesce(score_name, 'engagement')
    having count(distinct window_days) > 1

    union all

    select
        'score_bands' as file,
        'score name ' || coalesce(score_name, 'engagement') as subject,
        'the bands ' || min(band) || ' and ' || max(band)
        || ' begin at the same min_score: give each its own' as mistake
    from score_bands
    where {{ number_from_text('min_score') }} is not null
    group by coalesce(score_name, 'engagement'), {{ number_from_text('min_score') }}
    having count(distinct band) > 1

    union all

    select
        'lead_grades' as file,
        max({{ config_subjects()['lead_grades'] }}) as subject,
        'the two bands stand on ' || count(*) || ' rows: keep one' as mistake
    from lead_grades
    group by coalesce(fit_score_name, 'fit'), fit_band, coalesce(score_name, 'engagement'), band
    having count(*) > 1

    union all

    select
        'scoring_rule_conditions' as file,
        'condition of rule ' || conditions.rule_id as subject,
        'scoring_rules.csv has no such rule: '
        || coalesce('did you mean ' || min(near.rule_id) || '?', 'name one that it has, or remove the row') as mistake
    from scoring_rule_conditions as conditions
    left join scoring_rules as named
        on conditions.rule_id = named.rule_id
    left join scoring_rules as near
        on {{ edit_distance('conditions.rule_id', 'near.rule_id') }} <= 2
    where conditions.rule_id is not null and named.rule_id is null
    group by conditions.rule_id

    union all

    select
        'scoring_rule_conditions' as file,
        'rule ' || rule_id as subject,
        'it has ' || count(*) || ' further conditions: at most {{ most_conditions() }} are read' as mistake
    from scoring_rule_conditions
    where rule_id is not null
    group by rule_id
    having count(*) > {{ most_conditions() }}

    -- a misspelt or missing column would silently count as blank; all caps could be lost that way
    {% for file, columns in config_columns().items() %}
    {% set loaded = loaded_columns(file) %}
    {% for column in loaded if column not in columns %}
    union all

    select
        '{{ file }}' as file,
        'column {{ column }} is unknown' as subject,
        'use {{ columns | join(", ") }}' as mistake
    {% endfor %}
    {% for column in columns if column not in loaded + later_columns().get(file, []) %}
    union all

    select
        '{{ file }}' as file,
        'column {{ column }} is missing' as subject,
        'put it into the header; its cells may be empty' as mistake
    {% endfor %}
    {% endfor %}

),

config_errors as (

    select
        file || '.csv' as file,
        subject || ': ' || mistake as mistake
    from mistakes

)

select * from config_errors
