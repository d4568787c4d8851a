with

bands as (

    {{ config_rows('score_bands') }}

),

named as (

    select
        band,
        window_days,
        min_score,
        is_sales_ready,
        coalesce(score_name, 'engagement') as score_name,
        {{ number_from_text('min_score') }} as min_score_number,
        'band ' || coalesce(band, '(blank)') || ' of ' || coalesce(score_name, 'engagement') as band_name

    from bands

),

mistakes as (

    select
        band_name,
        'band is blank: give it a name' as mistake
    from named
    where band is null

    union all

    select
        band_name,
        'window_days ' || coalesce({{ in_quotes('window_days') }}, '(blank)')
        || ' is not a whole number from 1 to 90' as mistake
    from named
    where coalesce(not ({{ has_form('trim(window_days)', '0*([1-9]|[1-8][0-9]|90)') }}), true)

    union all

    select
        'score name ' || score_name as band_name,
        'its bands have different window_days (' || min(window_days) || ' and ' || max(window_days)
        || '): use one for all of them' as mistake
    from named
    group by score_name
    having count(distinct window_days) > 1

    union all

    select
        band_name,
        'min_score ' || coalesce({{ in_quotes('min_score') }}, '(blank)')
        || ' is not a number: ' || {{ as_number_text('min_score') }} as mistake
    from named
    where min_score_number is null

    union all

    select
        max(band_name) as band_name,
        'the band stands on ' || count(*) || ' rows: keep one' as mistake
    from named
    where band is not null
    group by score_name, band
    having count(*) > 1

    union all

    select
        'score name ' || score_name as band_name,
        'the bands ' || min(band) || ' and ' || max(band)
        || ' begin at the same min_score: give each its own' as mistake
    from named
    group by score_name, min_score_number
    having count(distinct band) > 1 and count(min_score_number) > 0

    union all

    select
        band_name,
        'is_sales_ready ' || {{ in_quotes('is_sales_ready') }} || ' is neither true nor false' as mistake
    from named
    where {{ is_no_boolean('is_sales_ready') }}

)

select * from mistakes
