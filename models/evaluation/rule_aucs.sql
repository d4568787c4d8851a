with

rule_wins as (

    select * from {{ ref('rule_wins') }}

),

band_windows as (

    select * from {{ ref('band_windows') }}

),

-- with the rule: the wins of the score as it is
contact_wins as (

    select * from {{ ref('contact_wins') }}

),

contact_pairs as (

    select * from {{ ref('contact_pairs') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

wins_and_pairs as (

    select
        contact_pairs.outcome,
        rule_wins.rule_number,
        contact_wins.all_wins as wins_with,
        rule_wins.wins as wins_without,
        contact_pairs.all_pairs as pairs
    from rule_wins
    inner join scoring_rules
        on rule_wins.rule_number = scoring_rules.rule_number
    inner join band_windows
        on scoring_rules.score_number = band_windows.score_number
    inner join contact_pairs
        on
            rule_wins.ranking_number = contact_pairs.ranking_number
            and rule_wins.contact = contact_pairs.contact
    inner join contact_wins
        on
            contact_pairs.ranking_number = contact_wins.ranking_number
            and band_windows.window_days = contact_wins.window_days
            and contact_pairs.contact = contact_wins.contact

),

aucs as (

    select
        outcome,
        rule_number,
        cast(sum(pairs) as double precision) / 2 as pairs,
        sum(wins_with) / nullif(sum(pairs), 0) as auc_with,
        sum(wins_without) / nullif(sum(pairs), 0) as auc_without
    from wins_and_pairs
    group by outcome, rule_number

),

changes as (

    select
        aucs.outcome,
        aucs.rule_number,
        aucs.pairs,
        aucs.auc_with,
        aucs.auc_without,
        (wins_and_pairs.wins_with - wins_and_pairs.wins_without)
        - (aucs.auc_with - aucs.auc_without) * wins_and_pairs.pairs as deviation
    from aucs
    inner join wins_and_pairs
        on aucs.outcome = wins_and_pairs.outcome and aucs.rule_number = wins_and_pairs.rule_number

),

rule_aucs as (

    select
        outcome,
        rule_number,
        auc_without,
        auc_with - auc_without as auc_change,
        sqrt(sum(deviation * deviation)) / nullif(pairs, 0) as auc_change_se
    from changes
    group by outcome, rule_number, pairs, auc_with, auc_without

)

select * from rule_aucs
