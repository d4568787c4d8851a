-- built only if config_errors found no mistake, so a wrong edit leaves the last good bands in place
-- depends_on: {{ ref('config_errors') }}

with

source as (

    {{ config_rows('score_bands') }}

),

typed as (

    select
        coalesce(score_name, 'engagement') as score_name,
        cast({{ number_from_text('window_days') }} as integer) as window_days,
        band,
        {{ number_from_text('min_score') }} as min_score,
        {{ is_true('is_sales_ready') }} as is_sales_ready

    from source

),

with_next_band as (

    select
        *,
        lead(min_score) over (partition by score_name order by min_score) as next_min_score
    from typed

)

select * from with_next_band
