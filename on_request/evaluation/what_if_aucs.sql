with

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

outcome_rules as (

    select * from {{ ref('outcome_rules') }}
    where not is_outcome

),

rule_changes as (

    select * from {{ ref('rule_changes') }}

),

enough_outcomes as (

    select * from {{ ref('evaluated_counts') }}
    where population = 'all' and has_figures

),

changed_wins as (

    select * from {{ ref('changed_wins') }}

),

chosen_folds as (

    select * from {{ ref('chosen_folds') }}

),

contact_pairs as (

    select
        contact_pairs.ranking_number,
        contact_pairs.contact,
        cast(contact_pairs.all_pairs as {{ type_double() }}) as all_pairs,
        cast(coalesce(unseen_pairs.pairs, 0) as {{ type_double() }}) as unseen_pairs
    from {{ ref('contact_pairs') }} as contact_pairs
    left join {{ ref('unseen_pairs') }} as unseen_pairs
        on
            contact_pairs.ranking_number = unseen_pairs.ranking_number
            and contact_pairs.contact = unseen_pairs.contact

),

-- where the change is not chosen, the unseen rows keep their score
contact_wins as (

    select
        changed_wins.ranking_number,
        changed_wins.rule_number,
        changed_wins.change_number,
        changed_wins.wins as all_wins,
        case when chosen_folds.fold is null then 0 else changed_wins.unseen_wins end as unseen_wins,
        contact_pairs.all_pairs,
        contact_pairs.unseen_pairs
    from changed_wins
    inner join contact_pairs
        on
            changed_wins.ranking_number = contact_pairs.ranking_number
            and changed_wins.contact = contact_pairs.contact
    left join chosen_folds
        on
            changed_wins.ranking_number = chosen_folds.ranking_number
            and changed_wins.rule_number = chosen_folds.rule_number
            and changed_wins.change_number = chosen_folds.change_number
            and changed_wins.fold = chosen_folds.fold

),

{% set panels = ['all_', 'unseen_'] %}
pair_sums as (

    select
        {% for panel in panels %}
        sum({{ panel }}pairs) as {{ panel }}pairs,
        sum({{ panel }}pairs * {{ panel }}pairs) as {{ panel }}pairs_squared,
        {% endfor %}
        ranking_number
    from contact_pairs
    group by ranking_number

),

win_sums as (

    select
        {% for panel in panels %}
        sum({{ panel }}wins) as {{ panel }}wins,
        sum({{ panel }}wins * {{ panel }}wins) as {{ panel }}wins_squared,
        sum({{ panel }}wins * {{ panel }}pairs) as {{ panel }}wins_by_pairs,
        {% endfor %}
        ranking_number,
        rule_number,
        change_number
    from contact_wins
    group by ranking_number, rule_number, change_number

),

-- a change that changes no score wins nothing
changes as (

    select
        {% for panel in panels %}
        pair_sums.{{ panel }}pairs,
        pair_sums.{{ panel }}pairs_squared,
        coalesce(win_sums.{{ panel }}wins, 0) / nullif(pair_sums.{{ panel }}pairs, 0) as {{ panel }}change,
        coalesce(win_sums.{{ panel }}wins_squared, 0) as {{ panel }}wins_squared,
        coalesce(win_sums.{{ panel }}wins_by_pairs, 0) as {{ panel }}wins_by_pairs,
        {% endfor %}
        enough_outcomes.outcome,
        scoring_rules.rule_number,
        rule_changes.change_number
    from enough_outcomes
    inner join pair_sums
        on enough_outcomes.ranking_number = pair_sums.ranking_number
    inner join scoring_rules
        on enough_outcomes.score_number = scoring_rules.score_number
    inner join outcome_rules
        on
            enough_outcomes.outcome = outcome_rules.outcome
            and scoring_rules.rule_number = outcome_rules.rule_number
    cross join rule_changes
    left join win_sums
        on
            enough_outcomes.ranking_number = win_sums.ranking_number
            and scoring_rules.rule_number = win_sums.rule_number
            and rule_changes.change_number = win_sums.change_number

),

-- the sum over contacts of (wins - change * pairs) ** 2, multiplied out; rounding can make it a little less than 0
deviations as (

    select
        {% for panel in panels %}
        {{ panel }}wins_squared - 2 * {{ panel }}change * {{ panel }}wins_by_pairs
        + {{ panel }}change * {{ panel }}change * {{ panel }}pairs_squared as {{ panel }}deviation,
        {{ panel }}change,
        {{ panel }}pairs,
        {% endfor %}
        outcome,
        rule_number,
        change_number
    from changes

),

-- each pair is seen from both of its rows
what_if_aucs as (

    select
        outcome,
        rule_number,
        change_number,
        all_change as auc_change,
        2 * sqrt(case when all_deviation > 0 then all_deviation else 0 end) / nullif(all_pairs, 0) as auc_change_se,
        unseen_change,
        2 * sqrt(case when unseen_deviation > 0 then unseen_deviation else 0 end) / nullif(unseen_pairs, 0) as unseen_se
    from deviations

)

select * from what_if_aucs
