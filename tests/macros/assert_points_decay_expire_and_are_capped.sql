-- decayed_points(), is_expired() and capped() give the expected result for literal values.
with

decays as (

    {% for points, half_life_days, age_days, expected in [
        (10, 'null', 45.5, 10),
        (10, 7, 7, 5),
        (10, 7, 0.5, 9.516952),
        (-10, 7, 14, -2.5),
        (1, 0.5, 20, 0),
        (0.000001, 1, 1, 0.000001),
        (-0.000001, 1, 1, -0.000001),
        (0.000001, 1, 2, 0),
    ] %}
    select
        cast({{ points }} as decimal(18, 6)) as points,
        cast({{ half_life_days }} as decimal(18, 6)) as half_life_days,
        cast({{ age_days }} as decimal(18, 1)) as age_days,
        cast({{ expected }} as decimal(18, 6)) as expected
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

expiries as (

    {% for age_days, expires_after_days, expected in [
        (7, 7, false), (7.5, 7, true), (0.5, 'null', false), (90, 100, false),
    ] %}
    select
        cast({{ age_days }} as decimal(18, 1)) as age_days,
        cast({{ expires_after_days }} as decimal(18, 6)) as expires_after_days,
        {{ expected }} as expected
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

caps as (

    {% for points, max_points, expected in [
        (4, 5, 4), (6, 5, 5), (-6, 5, -5), (-4, 5, -4), (600, 'null', 600), (-600, 'null', -600),
    ] %}
    select
        cast({{ points }} as decimal(18, 6)) as points,
        cast({{ max_points }} as decimal(18, 6)) as max_points,
        cast({{ expected }} as decimal(18, 6)) as expected
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select
    'decay' as mistake,
    points
from decays
where {{ decayed_points('points', 'half_life_days', 'age_days') }} is distinct from expected

union all

select
    'expiry' as mistake,
    age_days
from expiries
where {{ is_expired('expires_after_days', 'age_days') }} is distinct from expected

union all

select
    'cap' as mistake,
    points
from caps
where {{ capped('points', 'max_points') }} is distinct from expected
