-- built after the scores, so that a build that stopped early leaves the rules of the last scores in place
-- depends_on: {{ ref('contact_scores') }}
{{ config(materialized='table') }}

with

{% for seed in config_columns() %}
{{ seed }} as (

    select
        *,
        row_number() over (order by {{ config_columns()[seed] | join(', ') }}) as row_number
    from ({{ config_rows(seed) }}) as config_rows

),

{% endfor %}
rules_as_scored as (

    {% for seed in config_columns() %}
    {% set is_last_seed = loop.last %}
    {% for column in config_columns()[seed] %}
    select
        '{{ seed }}' as seed,
        row_number,
        '{{ column }}' as column_name,
        {{ column }} as value
    from {{ seed }}
    where {{ column }} is not null
    {{ 'union all' if not (is_last_seed and loop.last) }}
    {% endfor %}
    {% endfor %}

)

select * from rules_as_scored
