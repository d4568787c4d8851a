-- 0: the rule as it is
with

rule_changes as (

    select
        0 as change_number,
        'none' as change,
        cast(1 as decimal(18, 6)) as factor,
        cast(null as decimal(18, 6)) as max_points
    {% for factor in ['0', '0.5', '2', '4'] %}

    union all

    select
        {{ loop.index }} as change_number,
        'points x {{ factor }}' as change,
        cast({{ factor }} as decimal(18, 6)) as factor,
        cast(null as decimal(18, 6)) as max_points
    {% endfor %}
    {% for max_points in ['5', '10', '20', '50'] %}

    union all

    select
        {{ loop.index + 4 }} as change_number,
        'max_points {{ max_points }}' as change,
        cast(1 as decimal(18, 6)) as factor,
        cast({{ max_points }} as decimal(18, 6)) as max_points
    {% endfor %}

)

select * from rule_changes
