-- built only if config_errors found no mistake, so a wrong edit leaves the last good rules in place
-- depends_on: {{ ref('config_errors') }}

with

source as (

    {{ config_rows('fit_rules') }}

),

typed as (

    select
        -- ids
        rule_id,
        coalesce(score_name, 'fit') as score_name,

        -- whom it matches
        attribute,
        match_operator,
        match_value,

        -- what they get
        {{ number_from_text('points') }} as points,

        -- text
        description,

        -- a negated rule matches whom the plain one does not
        case match_operator
            when 'is_unknown' then 'is_known'
            else replace(match_operator, 'not_', '')
        end as plain_operator,
        left(match_operator, 4) = 'not_' or match_operator = 'is_unknown' as is_negated,
        {{ lower_case('match_value') }} as match_text,
        {{ number_from_text('match_value') }} as match_number,

        -- number that is valid for one build
        cast(row_number() over (order by rule_id) as integer) as rule_number

    from source

)

select * from typed
