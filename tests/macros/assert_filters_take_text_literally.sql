-- text_matches() has three operators, is case-sensitive and knows no wildcards.
with

texts as (

    {% for text, operator, value, expected in [
        ('abc', 'equals', 'abc', true), ('abc', 'equals', 'ABC', false), ('abc', 'equals', 'ab', false),
        ('abc', 'starts_with', 'ab', true), ('abc', 'starts_with', 'bc', false), ('ab', 'starts_with', 'abc', false),
        ('abc', 'starts_with', 'a_', false), ('a_c', 'starts_with', 'a_', true), ('äbc', 'starts_with', 'äb', true),
        ('abc', 'contains', 'bc', true), ('abc', 'contains', '%c', false), ('a%c', 'contains', '%c', true),
        ('abc', 'contains', 'B', false),
    ] %}
    select
        '{{ text }}' as text,
        '{{ operator }}' as operator,
        '{{ value }}' as value,
        {{ expected }} as expected
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from texts
where {{ text_matches('text', 'operator', 'value') }} is distinct from expected
