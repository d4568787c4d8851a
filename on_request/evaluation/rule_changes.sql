with

rule_changes as (

    {% for factor in ['0', '0.5', '2', '4'] %}
    select
        {{ loop.index }} as change_number,
        'points x {{ factor }}' as change,
        cast({{ factor }} as decimal(18, 6)) as factor,
        cast(null as decimal(18, 6)) as max_points

    union all

    {% endfor %}
    {% for max_points in ['5', '10', '20', '50'] %}
    select
        {{ loop.index + 4 }} as change_number,
        'max_points {{ max_points }}' as change,
        cast(1 as decimal(18, 6)) as factor,
        cast({{ max_points }} as decimal(18, 6)) as max_points
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from rule_changes
