with

consents as (

    select * from {{ ref('stg_consents') }}

),

ranked as (

    select
        visitor_id,
        is_granted,
        row_number() over (
            partition by visitor_id
            -- a refusal wins a tie
            order by decided_at desc nulls last, is_granted asc
        ) as decision_rank
    from consents
    where visitor_id is not null and (decided_at is null or decided_at < {{ as_of() }})

),

latest as (

    select
        {{ lookup_key(["'visitor'", 'visitor_id']) }} as actor_key,
        is_granted
    from ranked
    where decision_rank = 1

)

select * from latest
