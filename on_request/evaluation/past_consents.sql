with

consents as (

    select * from {{ ref('stg_consents') }}
    where visitor_id is not null

),

-- a refusal wins a tie
decisions as (

    select
        {{ lookup_key(["'visitor'", 'visitor_id']) }} as actor_key,
        decided_at,
        min(case when is_granted then 1 else 0 end) = 1 as is_granted
    from consents
    group by {{ lookup_key(["'visitor'", 'visitor_id']) }}, decided_at

),

-- a decision without a time comes before all others
with_beginnings as (

    select
        actor_key,
        is_granted as is_consented,
        decided_at
    from decisions

    union all

    select
        actor_key,
        {{ is_consented('cast(null as boolean)') }} as is_consented,
        cast(null as {{ dbt.type_timestamp() }}) as decided_at
    from decisions
    group by actor_key
    having count(*) = count(decided_at)

),

spans as (

    select
        actor_key,
        is_consented,
        coalesce(cast(decided_at as date), {{ first_day() }}) as after_day,
        coalesce(
            cast(lead(decided_at) over (partition by actor_key order by decided_at asc nulls first) as date),
            {{ last_day() }}
        ) as until_day
    from with_beginnings

),

past_consents as (

    select * from spans
    where after_day < until_day

)

select * from past_consents
