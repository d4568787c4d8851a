with

rule_matches as (

    select * from {{ ref('rule_matches') }}

),

engagements as (

    select * from {{ ref('engagements') }}
    where {{ is_in_longest_window('occurred_at') }}

),

scoring_rules as (

    select * from {{ ref('stg_scoring_rules') }}

),

rule_weights as (

    select * from {{ ref('rule_weights') }}

),

actors as (

    select * from {{ ref('actors') }}

),

present_contacts as (

    select * from {{ ref('present_contacts') }}

),

visitor_consents as (

    select * from {{ ref('visitor_consents') }}

),

-- of each rule that a contact has earned at all; the last step reaches to 90 days
earned_rules as (

    select
        contact,
        rule_number
    from {{ ref('driver_steps') }}
    where to_window = 90

),

judged as (

    select
        engagements.*,
        present_contacts.contact_id,
        scoring_rules.rule_id,
        scoring_rules.score_name,
        rule_matches.is_repeat,
        rule_weights.points,
        case
            when engagements.machine_reason is not null then 'machine'
            when not rule_matches.is_countable then 'repeat'
            when engagements.actor_type = 'visitor' and not {{ is_consented('visitor_consents.is_granted') }}
                then 'no_consent'
            when rule_weights.is_expired then 'expired'
            when present_contacts.contact_id is null then 'no_contact'
            when scoring_rules.min_times > 1 and earned_rules.contact is null then 'too_few'
        end as unearned_reason
    from rule_matches
    inner join engagements
        on {{ is_same_row('rule_matches', 'engagements') }}
    inner join scoring_rules
        on rule_matches.rule_number = scoring_rules.rule_number
    inner join rule_weights
        on rule_matches.rule_number = rule_weights.rule_number and rule_matches.age = rule_weights.age
    left join actors
        on rule_matches.owner_key = actors.actor_key
    left join present_contacts
        on actors.contact = present_contacts.contact
    left join earned_rules
        on
            actors.contact = earned_rules.contact
            and rule_matches.rule_number = earned_rules.rule_number
    left join visitor_consents
        on engagements.actor_key = visitor_consents.actor_key

),

points_ledger as (

    select
        event_id,
        source,
        event_type,
        occurred_at,
        contact_id,
        rule_id,
        score_name,
        cast(case when unearned_reason is null then points else 0 end as decimal(18, 6)) as points,
        is_repeat,
        machine_reason,
        unearned_reason is null as earns,
        unearned_reason,
        message_id,
        campaign_id,
        link_url,
        page_url,
        detail,
        {{ as_of() }} as as_of
    from judged

)

select * from points_ledger
