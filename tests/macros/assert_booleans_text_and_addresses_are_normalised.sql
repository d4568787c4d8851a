-- Only true, t, yes and 1 count as true. White space is null. Addresses are trimmed and in lower case.
with

booleans as (

    {% for text, expected in [
        ('true', true), ('TRUE', true), ('t', true), ('Yes', true), ('1', true), (' true ', true),
        ('y', false), ('on', false), ('1.0', false), ('2', false), ('false', false), ('', false), (none, false),
    ] %}
    select
        {{ "'" ~ text ~ "'" if text is not none else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as text,
        {{ expected }} as expected
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

texts as (

    select
        'a b' as text,
        'a b' as expected
    union all
    select
        ' a ' as text,
        ' a ' as expected
    union all
    select
        '' as text,
        null as expected
    union all
    select
        {{ white_space() }} as text,
        null as expected
    union all
    select
        '{{ " \u0009\u00a0\u2003" }}' as text,
        null as expected
    union all
    select
        '{{ " \u200b\u200c\u200d\u2060\ufeff" }}' as text,
        null as expected

),

addresses as (

    {% for text, expected in [
        (' Ann.Ä@X.Example\u00a0', 'ann.ä@x.example'), ('Ann@X.Example\u00a0', 'ann@x.example'),
        ('Ann@X.Example ', 'ann@x.example'), ('Ann@X.ExampleÄ', 'ann@x.exampleä'), ('A', 'a'), ('\u2003', ''), ('', ''),
    ] %}
    select
        '{{ text }}' as text,
        '{{ expected }}' as expected
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select text from booleans
where {{ is_true('text') }} is distinct from expected

union all

select text from texts
where {{ text_or_null('text') }} is distinct from expected

union all

select text from addresses
where {{ normalised_email('text') }} is distinct from expected
