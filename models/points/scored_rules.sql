with

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

band_windows as (

    select * from {{ ref('band_windows') }}

),

-- a sum of keys changes with each pattern, and not with their order
machine_marks as (

    select sum(cast({{ lookup_key(['pattern']) }} as decimal(38, 0))) as patterns
    from {{ ref('stg_machine_user_agents') }}

),

scored_rules as (

    select
        scoring_rules.rule_number,
        scoring_rules.rule_id,
        scoring_rules.score_name,
        scoring_rules.min_times,
        scoring_rules.max_points,
        {{ lookup_key(['scoring_rules.rule_id', 'scoring_rules.score_name']) }} as rule_key,
        {{ lookup_key(matching_columns('scoring_rules') + ['band_windows.window_days']) }} as match_key,
        {{ lookup_key(['machine_marks.patterns', var('machine_click_seconds')]) }} as machine_key
    from scoring_rules
    inner join band_windows
        on scoring_rules.score_number = band_windows.score_number
    cross join machine_marks

)

select * from scored_rules
