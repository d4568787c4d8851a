with

actions as (

    select * from {{ ref('past_actions') }}

),

doubtful_clicks as (

    select * from {{ ref('doubtful_clicks') }}

),

past_as_ofs as (

    select * from {{ ref('past_as_ofs') }}

),

-- an engagement behind another that was a machine's at some time and a person's at another
doubtful_repeats as (

    select
        actions.row_key,
        actions.event_key,
        earlier_ones.row_key as earlier_row_key,
        earlier_ones.event_key as earlier_event_key
    from actions
    inner join actions as earlier_ones
        on actions.thing = earlier_ones.thing and actions.place > earlier_ones.place
    where actions.persons_before = 0 and earlier_ones.is_doubtful

),

-- at which as-ofs one of those before it was taken for a person's
repeated_at as (

    select distinct
        doubtful_repeats.row_key,
        doubtful_repeats.event_key,
        past_as_ofs.past_day
    from doubtful_repeats
    inner join doubtful_clicks
        on
            doubtful_repeats.earlier_row_key = doubtful_clicks.row_key
            and doubtful_repeats.earlier_event_key = doubtful_clicks.event_key
    inner join past_as_ofs
        on {{ holds_at('past_as_ofs.past_day', 'doubtful_clicks') }}

),

not_repeated_at as (

    select
        repeats.row_key,
        repeats.event_key,
        past_as_ofs.past_day
    from (
        select distinct
            row_key,
            event_key
        from doubtful_repeats
    ) as repeats
    cross join past_as_ofs
    left join repeated_at
        on
            {{ is_same_row('repeats', 'repeated_at') }}
            and past_as_ofs.past_day = repeated_at.past_day
    where repeated_at.row_key is null

),

past_repeats as (

    -- what repeats a person's own is a repeat for good: a span without a day
    select
        row_key,
        event_key,
        {{ first_day() }} as after_day,
        {{ first_day() }} as until_day
    from actions
    where persons_before + doubtful_before > 0

    union all

    select
        row_key,
        event_key,
        past_day - 1 as after_day,
        past_day as until_day
    from not_repeated_at

)

select * from past_repeats
