-- period_start() gives the 12 h period that contains a time. The period's start is in it, its end is not.
with

times as (

    {% for time, expected in [
        ('2026-01-02 00:00:00', '2026-01-02 00:00:00'),
        ('2026-01-02 11:59:59.999999', '2026-01-02 00:00:00'),
        ('2026-01-02 12:00:00', '2026-01-02 12:00:00'),
        ('2026-01-02 23:59:59.999999', '2026-01-02 12:00:00'),
        ('1969-12-31 11:59:59.999999', '1969-12-31 00:00:00'),
        ('1969-12-31 12:00:00', '1969-12-31 12:00:00'),
        ('0001-01-01 00:00:00', '0001-01-01 00:00:00'),
        ('9999-12-31 23:59:59.999999', '9999-12-31 12:00:00'),
    ] %}
    select
        timestamp '{{ time }}' as occurred_at,
        timestamp '{{ expected }}' as expected
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from times
where {{ period_start('occurred_at') }} <> expected
