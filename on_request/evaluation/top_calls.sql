with

band_rows as (

    select * from {{ ref('band_rows') }}

),

-- how many contacts are called, the best first
calls as (

    {% for calls in team_calls() %}
    select {{ calls }} as calls
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

scores as (

    select
        outcome,
        score_name,
        score_number,
        past_as_of,
        score,
        count(*) as contacts,
        sum(y) as outcomes
    from band_rows
    group by outcome, score_name, score_number, past_as_of, score

),

ranked as (

    select
        *,
        sum(contacts) over (
            partition by outcome, score_number, past_as_of order by score desc
        ) - contacts as contacts_above
    from scores

),

-- contacts with one score are equally likely to be called
called as (

    select
        ranked.outcome,
        ranked.score_name,
        ranked.score_number,
        ranked.past_as_of,
        calls.calls,
        ranked.score,
        ranked.outcomes,
        ranked.contacts,
        least(ranked.contacts, calls.calls - ranked.contacts_above) as calls_made
    from ranked
    cross join calls
    where ranked.contacts_above < calls.calls

),

top_calls as (

    select
        outcome,
        score_name,
        score_number,
        past_as_of,
        calls,
        min(score) as min_score,
        sum(calls_made) as calls_made,
        sum(cast(outcomes * calls_made as {{ type_double() }}) / contacts) as outcomes_reached
    from called
    group by outcome, score_name, score_number, past_as_of, calls

)

select * from top_calls
