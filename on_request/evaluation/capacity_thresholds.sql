{{ config(schema='marts') }}

with

top_calls as (

    select * from {{ ref('top_calls') }}

),

evaluated_counts as (

    select * from {{ ref('evaluated_counts') }}
    where population = 'all'

),

ordered as (

    select
        *,
        row_number() over (partition by outcome, score_number, calls order by min_score) as place,
        count(*) over (partition by outcome, score_number, calls) as as_ofs
    from top_calls

),

-- the median is the middle one, or half way between the two in the middle
over_as_ofs as (

    select
        outcome,
        score_name,
        score_number,
        calls,
        avg(case when 2 * place between as_ofs and as_ofs + 2 then cast(min_score as {{ type_double() }}) end)
            as min_score,
        cast(sum(calls_made) as {{ type_double() }}) as calls_made,
        sum(outcomes_reached) as outcomes_reached
    from ordered
    group by outcome, score_name, score_number, calls

),

capacity_thresholds as (

    select
        over_as_ofs.outcome,
        over_as_ofs.score_name,
        over_as_ofs.calls,
        case when evaluated_counts.has_figures then over_as_ofs.min_score end as min_score,
        case when evaluated_counts.has_figures then over_as_ofs.outcomes_reached / over_as_ofs.calls_made end
            as {{ adapter.quote('precision') }},
        case when evaluated_counts.has_figures then over_as_ofs.outcomes_reached / evaluated_counts.outcomes end
            as captured,
        {{ as_of() }} as as_of
    from over_as_ofs
    inner join evaluated_counts
        on
            over_as_ofs.outcome = evaluated_counts.outcome
            and over_as_ofs.score_number = evaluated_counts.score_number

)

select * from capacity_thresholds
