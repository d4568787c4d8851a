with

past_as_ofs as (

    select * from {{ ref('past_as_ofs') }}

),

engagements as (

    select * from {{ ref('past_engagements') }}
    where
        occurred_day >= (select min(past_as_ofs.past_day) - 90 from past_as_ofs)
        and occurred_day < (select max(past_as_ofs.past_day) from past_as_ofs)

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

past_repeats as (

    select
        *,
        -- a column to join by: a condition on the left side alone makes a nested loop
        false as counts_repeats
    from {{ ref('past_repeats') }}

),

doubtful_clicks as (

    select * from {{ ref('doubtful_clicks') }}

),

matches as (

    select
        engagements.row_key,
        engagements.event_key,
        engagements.contact,
        engagements.is_machine,
        engagements.occurred_day,
        case when extract(hour from engagements.occurred_at) < 12 then 0 else 1 end as half_of_day,
        greatest(engagements.after_day, past_repeats.after_day) as after_day,
        least(engagements.until_day, past_repeats.until_day) as until_day,
        scoring_rules.rule_number
    from engagements
    inner join scoring_rules
        on {{ is_match('engagements', 'scoring_rules') }}
    left join past_repeats
        on
            {{ is_same_row('engagements', 'past_repeats') }}
            and scoring_rules.counts_repeats = past_repeats.counts_repeats

),

-- a click that is a machine's only at some as-ofs counts as scored at the others
judged as (

    select
        matches.contact,
        matches.rule_number,
        matches.occurred_day,
        matches.half_of_day,
        case when doubtful_clicks.row_key is null then 'both' else 'as_scored' end as counts_for,
        greatest(matches.after_day, doubtful_clicks.after_day) as after_day,
        least(matches.until_day, doubtful_clicks.until_day) as until_day
    from matches
    left join doubtful_clicks
        on {{ is_same_row('matches', 'doubtful_clicks') }}
    where not matches.is_machine

    union all

    select
        matches.contact,
        matches.rule_number,
        matches.occurred_day,
        matches.half_of_day,
        'with_machines' as counts_for,
        matches.after_day,
        matches.until_day
    from matches
    where
        matches.is_machine
        or exists (
            select 1 from doubtful_clicks
            where {{ is_same_row('matches', 'doubtful_clicks') }}
        )

),

past_rule_counts as (

    select
        contact,
        rule_number,
        counts_for,
        occurred_day,
        half_of_day,
        after_day,
        until_day,
        -- a decimal times a decimal takes two thirds of the time of a bigint times one
        cast(count(*) as decimal(18, 0)) as times
    from judged
    where after_day < until_day
    group by contact, rule_number, counts_for, occurred_day, half_of_day, after_day, until_day

)

select * from past_rule_counts
