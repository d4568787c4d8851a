with

compared_rules as (

    select * from {{ ref('compared_rules') }}

),

rows_before as (

    select * from {{ ref('scored_rows') }}
    where as_of < {{ as_of() }} and row_key is not null

),

rows_now as (

    select * from {{ ref('scored_rows') }}
    where as_of = {{ as_of() }} and row_key is not null

),

superseded_copies as (

    select * from {{ ref('superseded_copies') }}

),

paired as (

    select
        coalesce(rows_now.rule_key, rows_before.rule_key) as rule_key,
        rows_before.row_key is not null as is_before,
        rows_now.row_key is not null as is_now,
        rows_before.row_key as row_key_before,
        rows_before.event_key as event_key_before,
        rows_before.contact_key as contact_before,
        rows_now.contact_key as contact_now,
        rows_before.age as age_before,
        rows_now.age as age_now,
        rows_before.is_countable as is_countable_before,
        rows_now.is_countable as is_countable_now,
        rows_before.points as points_before
    from rows_before
    full outer join rows_now
        on
            {{ is_same_row('rows_before', 'rows_now') }}
            and rows_before.rule_key = rows_now.rule_key

),

aged as (

    select
        paired.*,
        compared_rules.rule_number,
        compared_rules.is_edited,
        compared_rules.is_edited or compared_rules.has_other_machines as is_judged_otherwise,
        coalesce(paired.age_before, paired.age_now - compared_rules.half_days) as age_then,
        coalesce(paired.age_now, paired.age_before + compared_rules.half_days) as age_by_now,
        superseded_copies.row_key is not null as is_superseded
    from paired
    inner join compared_rules
        on paired.rule_key = compared_rules.rule_key
    left join superseded_copies
        on
            paired.row_key_before = superseded_copies.row_key
            and paired.event_key_before = superseded_copies.event_key

),

-- if the rule is the same and the row no longer matches, an earlier copy replaced it, or it is too old, or it is erased
judged as (

    select
        rule_key,
        rule_number,
        age_then,
        age_by_now as age_now,
        case when is_before then contact_before else contact_now end as contact_before,
        case
            when not is_now and (is_superseded or age_by_now > 180) then contact_before
            else contact_now
        end as contact_now,
        case when is_countable_before then points_before end as points_before,
        case
            when not is_before then is_edited and is_countable_now
            when not is_now then is_countable_before and not is_edited
            when is_judged_otherwise then is_countable_now
            else is_countable_before
        end as earns_by_rules,
        case
            when is_now then is_countable_now
            else is_countable_before and not is_edited and not is_superseded
        end as earns_now
    from aged

),

-- a row is its contact's of then until owners are replaced
compared_rows as (

    select
        rule_key,
        rule_number,
        contact_before as contact_key,
        age_then,
        age_now,
        points_before,
        earns_by_rules,
        coalesce(contact_before = contact_now, false) and earns_by_rules as earns_by_owners,
        coalesce(contact_before = contact_now, false) and earns_now as earns_now
    from judged
    where contact_before is not null

    union all

    select
        rule_key,
        rule_number,
        contact_now as contact_key,
        age_then,
        age_now,
        cast(null as decimal(18, 6)) as points_before,
        false as earns_by_rules,
        earns_by_rules as earns_by_owners,
        earns_now
    from judged
    where contact_now is not null and contact_now is distinct from contact_before

)

select * from compared_rows
