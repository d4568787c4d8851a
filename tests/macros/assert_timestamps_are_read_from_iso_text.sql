-- timestamp_from_text() reads ISO 8601 dates and times in UTC, and nothing else.
with

texts as (

    {% for text, expected in [
        ('2026-01-02', '2026-01-02 00:00:00'),
        ('2026-01-02T10:00', '2026-01-02 10:00:00'),
        ('2026-01-02T10:00:00', '2026-01-02 10:00:00'),
        ('2026-01-02 10:00:00', '2026-01-02 10:00:00'),
        ('2026-01-02t10:00:00z', '2026-01-02 10:00:00'),
        (' 2026-01-02T10:00:00Z ', '2026-01-02 10:00:00'),
        ('2026-01-02T10:00:00.25Z', '2026-01-02 10:00:00.25'),
        ('2026-01-02T10:00:00.123456789', '2026-01-02 10:00:00.123456'),
        ('2026-01-02T10:00:00+02:00', '2026-01-02 08:00:00'),
        ('2026-01-02T10:00:00-0530', '2026-01-02 15:30:00'),
        ('2026-01-02T10:00+05:30', '2026-01-02 04:30:00'),
        ('2026-01-01T00:30:00.5+01', '2025-12-31 23:30:00.5'),
        ('2024-02-29', '2024-02-29 00:00:00'),
        ('2026-02-29', none),
        ('2026-13-01', none),
        ('2026-01-02T25:00:00', none),
        ('2026-01-02T10:00:00+25:00', none),
        ('2026-01-02T10:00:00 UTC', '2026-01-02 10:00:00'),
        ('2026-01-02+02:00', none),
        ('2026-1-2', none),
        ('02.01.2026', none),
        ('20260102', none),
        ('1767348000', none),
        ('yesterday', none),
        ('infinity', none),
        ('-infinity', none),
        ('epoch', none),
        ('0000-01-01', none),
        ('', none),
    ] %}
    select
        '{{ text }}' as text,
        {{ "cast('" ~ expected ~ "' as timestamp)" if expected else 'cast(null as timestamp)' }} as expected
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

actual as (

    select
        text,
        expected,
        {{ readable_timestamp_from_text('text') }} as actual
    from texts

)

select * from actual
where actual is distinct from expected
