with

contact_wins as (

    select * from {{ ref('contact_wins') }}

),

contact_pairs as (

    select * from {{ ref('contact_pairs') }}

),

window_aucs as (

    select * from {{ ref('window_aucs') }}

),

-- by how much a contact's wins differ from those that the AUC makes one expect
deviations as (

    select
        contact_wins.ranking_number,
        contact_wins.contact,
        contact_wins.window_days,
        window_aucs.best_window,
        contact_wins.wins - window_aucs.auc * contact_pairs.pairs as deviation
    from contact_wins
    inner join contact_pairs
        on
            contact_wins.ranking_number = contact_pairs.ranking_number
            and contact_wins.contact = contact_pairs.contact
    inner join window_aucs
        on
            contact_wins.ranking_number = window_aucs.ranking_number
            and contact_wins.window_days = window_aucs.window_days

),

best_deviations as (

    select * from deviations
    where window_days = best_window

),

window_errors as (

    select
        deviations.ranking_number,
        deviations.window_days,
        sqrt(sum(deviations.deviation * deviations.deviation)) as deviation,
        sqrt(sum(
            (deviations.deviation - best_deviations.deviation) * (deviations.deviation - best_deviations.deviation)
        )) as deviation_from_best
    from deviations
    inner join best_deviations
        on
            deviations.ranking_number = best_deviations.ranking_number
            and deviations.contact = best_deviations.contact
    group by deviations.ranking_number, deviations.window_days

)

select * from window_errors
