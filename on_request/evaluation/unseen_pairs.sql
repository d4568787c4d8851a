with

unseen_rows as (

    select * from {{ ref('what_if_rows') }}
    where not is_for_choosing

),

folds as (

    select
        list_number,
        fold,
        sum(y) as with_outcome,
        sum(1 - y) as without_outcome
    from unseen_rows
    group by list_number, fold

),

unseen_pairs as (

    select
        unseen_rows.ranking_number,
        unseen_rows.contact,
        sum(case when unseen_rows.y = 1 then folds.without_outcome else folds.with_outcome end) as pairs
    from unseen_rows
    inner join folds
        on unseen_rows.list_number = folds.list_number and unseen_rows.fold = folds.fold
    group by unseen_rows.ranking_number, unseen_rows.contact

)

select * from unseen_pairs
