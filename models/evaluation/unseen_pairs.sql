with

unseen_rows as (

    select * from {{ ref('what_if_rows') }}
    where not is_for_choosing

),

folds as (

    select
        outcome,
        score_number,
        past_as_of,
        fold,
        sum(y) as with_outcome,
        sum(1 - y) as without_outcome
    from unseen_rows
    group by outcome, score_number, past_as_of, fold

),

unseen_pairs as (

    select
        unseen_rows.outcome,
        unseen_rows.score_number,
        unseen_rows.contact,
        sum(case when unseen_rows.y = 1 then folds.without_outcome else folds.with_outcome end) as pairs
    from unseen_rows
    inner join folds
        on
            unseen_rows.outcome = folds.outcome
            and unseen_rows.score_number = folds.score_number
            and unseen_rows.past_as_of = folds.past_as_of
            and unseen_rows.fold = folds.fold
    group by unseen_rows.outcome, unseen_rows.score_number, unseen_rows.contact

)

select * from unseen_pairs
