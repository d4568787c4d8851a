with

rule_rows as (

    select * from {{ ref('rule_rows') }}

),

-- the score with the rule, and without it
variants as (

    {% for variant in ['with', 'without'] %}
    select
        '{{ variant }}' as variant,
        outcome,
        rule_number,
        past_as_of,
        contact,
        y,
        {{ 'cents' if variant == 'with' else 'cents_without' }} as cents
    from rule_rows
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

scores as (

    select
        variant,
        outcome,
        rule_number,
        past_as_of,
        cents,
        sum(y) as with_outcome,
        sum(1 - y) as without_outcome
    from variants
    group by variant, outcome, rule_number, past_as_of, cents

),

score_wins as (

    select
        variant,
        outcome,
        rule_number,
        past_as_of,
        cents,
        {{ wins_with_outcome('variant, outcome, rule_number, past_as_of') }} as wins_with_outcome,
        {{ wins_without_outcome('variant, outcome, rule_number, past_as_of') }} as wins_without_outcome
    from scores

),

rule_wins as (

    select
        variants.outcome,
        variants.rule_number,
        variants.contact,
        sum(case when variants.variant = 'with' then {{ wins_of_row('variants', 'score_wins') }} else 0 end)
            as wins_with,
        sum(case when variants.variant = 'without' then {{ wins_of_row('variants', 'score_wins') }} else 0 end)
            as wins_without
    from variants
    inner join score_wins
        on
            variants.variant = score_wins.variant
            and variants.outcome = score_wins.outcome
            and variants.rule_number = score_wins.rule_number
            and variants.past_as_of = score_wins.past_as_of
            and variants.cents = score_wins.cents
    group by variants.outcome, variants.rule_number, variants.contact

)

select * from rule_wins
