-- number_from_text() reads plain decimals only.
with

texts as (

    {% for text, expected in [
        ('1', '1'), ('-0.5', '-0.5'), ('+2', '2'), (' 3 ', '3'), ('.5', '0.5'), ('4.', '4'),
        ('', 'null'), ('one', 'null'), ('1e3', 'null'), ('1_000', 'null'), ('1,5', 'null'), ('NaN', 'null'),
        ('infinity', 'null'), ('--1', 'null'), ('99999999999999999999', 'null'),
    ] %}
    select
        '{{ text }}' as text,
        cast({{ expected }} as decimal(18, 6)) as expected
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from texts
where {{ number_from_text('text') }} is distinct from expected
