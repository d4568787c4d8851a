-- built only if config_errors found no mistake, so a wrong edit leaves the last good grades in place
-- depends_on: {{ ref('config_errors') }}

with

source as (

    {{ config_rows('lead_grades') }}

),

typed as (

    select
        coalesce(fit_score_name, 'fit') as fit_score_name,
        fit_band,
        coalesce(score_name, 'engagement') as score_name,
        band,
        grade,
        {{ is_true('is_sales_ready') }} as is_sales_ready

    from source

)

select * from typed
