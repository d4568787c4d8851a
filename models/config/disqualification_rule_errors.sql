with

rules as (

    {{ config_rows('disqualification_rules') }}

),

named as (

    select
        *,
        {{ event_type_mistake('event_type') }} as event_type_mistake,
        'rule ' || coalesce(event_type, '(no event_type)') as rule_name

    from rules

),

places as (

    {% for place in range(1, 31) %}
    select {{ place }} as place{{ ' union all' if not loop.last }}
    {% endfor %}

),

-- event types with spaces between
clearing_types as (

    select
        named.rule_name,
        split_part(named.cleared_by, ' ', places.place) as cleared_by
    from named
    cross join places

),

mistakes as (

    select
        rule_name,
        'event_type is blank: name the event that disqualifies' as mistake
    from named
    where event_type is null

    union all

    select
        max(rule_name) as rule_name,
        'event_type stands on ' || count(*) || ' rows: keep one' as mistake
    from named
    where event_type is not null
    group by event_type
    having count(*) > 1

    union all

    select
        rule_name,
        event_type_mistake as mistake
    from named
    where event_type_mistake is not null

    union all

    select
        rule_name,
        {{ event_type_mistake('cleared_by') }} as mistake
    from clearing_types
    where cleared_by <> '' and {{ event_type_mistake('cleared_by') }} is not null

    union all

    select
        rule_name,
        'min_occurrences ' || coalesce({{ in_quotes('min_occurrences') }}, '(blank)')
        || ' is not a whole number of 1 or more' as mistake
    from named
    where coalesce(not ({{ has_form('trim(min_occurrences)', '0*[1-9][0-9]{0,8}') }}), true)

    union all

    select
        rule_name,
        'applies_to ' || coalesce({{ in_quotes('applies_to') }}, '(blank)')
        || ' is unknown: use current_address or contact' as mistake
    from named
    where coalesce(applies_to not in ('current_address', 'contact'), true)

)

select * from mistakes
