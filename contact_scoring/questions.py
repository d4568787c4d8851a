"""What people ask about one contact, as SQL over the marts: by `explain` and by the page Contact.

Parameters: $contact is a contact id, $score_name a score, $window days, $as_of the instant that the
scores are of.
"""

# One row, where the text names one contact by id, or else by its current address. None where it
# names none, several where they share the address.
PEOPLE = """
    select distinct contact_id, email_address, full_name, company_name, owner, phone, as_of
    from marts.contact_scores
    where contact_id = $named or email_address = lower(trim($named))
    qualify contact_id = $named or not bool_or(contact_id = $named) over ()
    order by contact_id
"""

# one row per score; of somebody who is not active there is no score and no rank
STANDINGS = """
    select
        scores.score_name,
        scores.status,
        scores.band,
        scores.last_engaged_at,
        active.score,
        active.score_rank
    from marts.contact_scores as scores
    left join marts.active_contacts as active
        on
            scores.contact_id = active.contact_id
            and scores.score_name = active.score_name
            and active.window_days = $window
    where scores.contact_id = $contact
    order by scores.score_name <> 'engagement', scores.score_name
"""

# one row per fit score that the score is graded with
GRADES = """
    select fit_score_name, grade, is_sales_ready
    from marts.lead_grades
    where contact_id = $contact and score_name = $score_name and grade is not null
    order by fit_score_name
"""

# one row per fit score: who somebody is, whatever they do
FIT = """
    select score_name, score, band
    from marts.fit_scores
    where contact_id = $contact
    order by score_name
"""

# what the disqualified would have, too
FIT_DRIVERS = """
    select
        drivers.rule_id,
        rules.description,
        rules.attribute,
        drivers.matched_value,
        drivers.points
    from marts.fit_drivers as drivers
    left join config.fit_rules as rules on drivers.rule_id = rules.rule_id
    where drivers.contact_id = $contact and drivers.score_name = $score_name
    order by drivers.points desc, drivers.rule_id
"""

DISQUALIFICATIONS = """
    select event_type, occurrences, disqualified_at, last_event_id, forfeited_score_90d
    from marts.disqualified_contacts
    where contact_id = $contact
    order by disqualified_at, event_type
"""

# what the disqualified would have, too
DRIVERS = """
    select
        drivers.rule_id,
        rules.description,
        drivers.times_earned,
        drivers.points + drivers.points_lost_to_cap as points_before_cap,
        drivers.points_lost_to_cap,
        drivers.points
    from marts.score_drivers as drivers
    left join config.scoring_rules as rules on drivers.rule_id = rules.rule_id
    where
        drivers.contact_id = $contact
        and drivers.score_name = $score_name
        and drivers.window_days = $window
    order by drivers.points desc, drivers.rule_id
"""

# what changed since the build at the preceding as-of; an edited rule may be gone from the file
CHANGES = """
    select
        changes.rule_id,
        rules.description,
        changes.by_new,
        changes.by_late,
        changes.by_expired,
        changes.by_decayed,
        changes.by_owners,
        changes.by_rules,
        changes.change,
        changes.preceding_as_of
    from marts.score_changes as changes
    left join config.scoring_rules as rules on changes.rule_id = rules.rule_id
    where changes.contact_id = $contact and changes.score_name = $score_name
    order by abs(changes.change) desc, changes.rule_id
"""

# of which only the second has scores before it to compare with
BUILDS = "select count(distinct as_of) as builds from points.history_builds"

# one row per engagement and rule that it matched, the newest first
EVENTS = """
    select
        occurred_at,
        event_type,
        coalesce(page_url, link_url, detail, message_id) as what,
        rule_id,
        case when earns then points end as points,
        case unearned_reason
            when 'machine' then 'no: a machine (' || machine_reason || ')'
            when 'repeat' then 'no: a repeat'
            when 'expired' then 'no: expired'
            when 'too_few' then 'no: too few (min_times)'
            else 'yes'
        end as counted,
        unearned_reason,
        event_id
    from marts.points_ledger
    where
        contact_id = $contact
        and score_name = $score_name
        and occurred_at >= as_of - to_days($window)
    order by occurred_at desc, event_id, rule_id
"""

# why engagements do not count, in a sentence about many of them
UNCOUNTED = {
    "machine": "a machine's",
    "repeat": "repeats",
    "no_consent": "without consent",
    "expired": "expired",
    "no_contact": "nobody's",
    "too_few": "too few (min_times)",
}

# spans between builds, the newest first
HISTORY = """
    select valid_from, valid_to, status, band, score_30d
    from marts.score_history
    where contact_id = $contact and score_name = $score_name and valid_from <= $as_of
    order by valid_from desc
"""

HANDOFFS = """
    select handed_off_at, band, previous_band, score, owner, grade
    from marts.sales_handoffs
    where contact_id = $contact and score_name = $score_name and handed_off_at <= $as_of
    order by handed_off_at desc
"""
