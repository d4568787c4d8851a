"""Why one contact has the score it has: `contact-scoring explain CONTACT --window 30`.

CONTACT is a contact id or a current e-mail address. Source: the marts of the last build, and
nothing else. Exits non-zero where they do not know the contact.
"""

from collections import Counter
from datetime import datetime

import duckdb
from rich.console import Console

from contact_scoring.tables import console, number, printable, table
from contact_scoring.warehouse import marts, named_windows

Connection = duckdb.DuckDBPyConnection

PEOPLE = """
    select distinct contact_id, email_address, full_name, company_name, owner, as_of
    from marts.contact_scores
    where {column} = $contact
    order by contact_id
"""

STANDINGS = """
    with ranked as (
        select
            score_name,
            contact_id,
            score,
            score_rank,
            count(*) over (partition by score_name) as ranked_contacts
        from marts.active_contacts
        where window_days = $window
    )

    select
        scores.score_name,
        scores.status,
        scores.band,
        scores.last_engaged_at,
        ranked.score,
        ranked.score_rank,
        ranked.ranked_contacts,
        [{named_scores}] as named_scores
    from marts.contact_scores as scores
    left join ranked
        on scores.contact_id = ranked.contact_id and scores.score_name = ranked.score_name
    where scores.contact_id = $contact
    order by scores.score_name <> 'engagement', scores.score_name
"""

DISQUALIFICATIONS = """
    select event_type, occurrences, disqualified_at, last_event_id, forfeited_score_90d
    from marts.disqualified_contacts
    where contact_id = $contact
    order by disqualified_at, event_type
"""

DRIVERS = """
    select rule_id, times_earned, points + points_lost_to_cap, points_lost_to_cap, points
    from marts.score_drivers
    where contact_id = $contact and score_name = $score_name and window_days = $window
    order by points desc, rule_id
"""

EVENTS = """
    select
        occurred_at,
        event_type,
        coalesce(page_url, link_url, detail, message_id, '-') as what,
        rule_id,
        case when earns then points end as points,
        unearned_reason,
        machine_reason
    from marts.points_ledger
    where
        contact_id = $contact and score_name = $score_name
        and occurred_at >= as_of - to_days($window)
    order by occurred_at desc, event_id, rule_id
"""

WITHOUT_CONSENT = """
    select count(distinct event_id)
    from marts.points_ledger
    where unearned_reason = 'no_consent' and occurred_at >= as_of - to_days($window)
"""

HISTORY = """
    select status, band, valid_from, valid_to
    from marts.score_history
    where contact_id = $contact and score_name = $score_name and valid_from <= $as_of
    order by valid_from desc
"""

# why an engagement is not counted, of one and of many
ONE = {"machine": "no: a machine ({})", "repeat": "no: a repeat", "expired": "no: expired"}
MANY = {"machine": "a machine's", "repeat": "repeats", "expired": "expired"}

FIRST_BUILD = "select min(valid_from) from marts.score_history"

HANDOFFS = """
    select handed_off_at, band, score, owner, previous_band
    from marts.sales_handoffs
    where contact_id = $contact and score_name = $score_name and handed_off_at <= $as_of
    order by handed_off_at desc
"""


def time(value: datetime) -> str:
    """A time in UTC, to the minute."""
    return f"{value:%Y-%m-%d %H:%M}"


def find(connection: Connection, contact: str) -> tuple:
    """The one contact with this id, or else with this address; exits where it is none or many."""
    found = connection.execute(PEOPLE.format(column="contact_id"), {"contact": contact}).fetchall()
    if not found:
        address = {"contact": contact.strip().lower()}
        found = connection.execute(PEOPLE.format(column="email_address"), address).fetchall()
    if not found:
        raise SystemExit(
            f"No contact has the id or the current address '{printable(contact)}' in the last "
            "build. One that was merged is found under the contact it was merged into; one that "
            "was deleted is nowhere."
        )
    if len(found) > 1:
        ids = ", ".join(printable(person[0]) for person in found)
        raise SystemExit(
            f"{len(found)} contacts have that address: {ids}. Name one of them by its id."
        )
    return found[0]


def since(spans: list[tuple], place: int, first_build: datetime | None) -> str:
    """From when the newest span's status (place 0) or band (place 1) has held without a gap."""
    began = None
    for newer, span in zip([None, *spans], spans, strict=False):
        if newer and (span[place] != newer[place] or span[3] != newer[2]):
            break
        began = span[2]
    if began is None:
        return ""
    return f" since {time(began)}" + (" or before" if began == first_build else "")


def print_standing(
    connection: Connection, out: Console, person: tuple, standing: tuple, window: int, shown: int
) -> None:
    """One score of a contact: how high, since when, from what, and what was not counted."""
    contact, as_of = person[0], person[-1]
    score_name, status, band, last_engaged_at, score, rank, ranked, named_scores = standing
    of_score = {"contact": contact, "score_name": score_name}

    spans = connection.execute(HISTORY, of_score | {"as_of": as_of}).fetchall()
    (first_build,) = connection.execute(FIRST_BUILD).fetchone()
    out.rule(f"{score_name}: {number(score or 0)} points in {window} days", align="left")
    # of a disqualification the evidence knows more than the builds
    facts = [status + ("" if status == "disqualified" else since(spans, 0, first_build))]
    if rank:
        facts.append(f"rank {number(rank)} of {number(ranked)}")
    if band:
        facts.append(f"band {band}{since(spans, 1, first_build)}")
    if last_engaged_at:
        facts.append(f"last engaged {time(last_engaged_at)}")
    out.print(printable("; ".join(facts)))
    out.print("; ".join(f"{days} d: {number(value)}" for days, value in named_scores))

    drivers = connection.execute(DRIVERS, of_score | {"window": window}).fetchall()
    if drivers:
        title = "What it is made of"
        if status == "disqualified":
            title = "What it would be made of, if the contact were not disqualified"
        columns = ["rule", "times earned", "points before cap", "lost to cap", "points"]
        out.print(table(title, columns, drivers))
    events = connection.execute(EVENTS, of_score | {"window": window}).fetchall()
    reasons = Counter(event[-2] for event in events if event[-2])
    lost = sum(abs(driver[3]) for driver in drivers)
    uncounted = [f"{number(reasons[reason])} as {MANY[reason]}" for reason in sorted(reasons)]
    uncounted += [f"{number(lost)} points over a cap"] if lost else []
    if uncounted:
        out.print(f"Not counted: {', '.join(uncounted)}")
    if events:
        counted = "held back" if status == "disqualified" else "yes"
        rows = [
            (time(event[0]), *event[1:-2], ONE[reason].format(machine) if reason else counted)
            for event in events[:shown]
            for reason, machine in [event[-2:]]
        ]
        out.print(
            table(
                "The events behind it, newest first (UTC)",
                ["when", "event", "what", "rule", "points", "counted"],
                rows,
            )
        )
        if len(events) > shown:
            out.print(f"and {number(len(events) - shown)} older ones: EVENTS={len(events)} for all")
    else:
        out.print(f"No event of the {window} days matches a rule of this score.")
    handoffs = connection.execute(HANDOFFS, of_score | {"as_of": as_of}).fetchall()
    for handed_off_at, to_band, at_score, owner, previous in handoffs:
        out.print(
            printable(
                f"Handed to sales {time(handed_off_at)}: {to_band} with {number(at_score)} points, "
                f"from {previous or 'no band'}, to {owner or 'nobody in particular'}"
            )
        )
    out.print()


def print_explanation(
    connection: Connection, out: Console, contact: str, window: int, shown: int
) -> None:
    """Everything the marts know about why a contact scores as it does."""
    person = find(connection, contact)
    contact_id, *described, as_of = person
    out.print(printable(", ".join([contact_id, *(text for text in described if text)])))
    out.print(f"as of {time(as_of)} UTC; all times are UTC\n")

    found = connection.execute(DISQUALIFICATIONS, {"contact": contact_id}).fetchall()
    if found:
        rows = [(row[0], row[1], time(row[2]), *row[3:]) for row in found]
        columns = ["event", "times", "disqualified since", "last event", "forfeited (90 d)"]
        out.print(table("Disqualified: scores nothing", columns, rows))
        out.print()

    of_contact = {"contact": contact_id, "window": window}
    named_scores = [f"({days}, scores.score_{days}d)" for days in named_windows(connection)]
    standings = STANDINGS.format(named_scores=", ".join(named_scores))
    for standing in connection.execute(standings, of_contact).fetchall():
        print_standing(connection, out, person, standing, window, shown)

    (without_consent,) = connection.execute(WITHOUT_CONSENT, {"window": window}).fetchone()
    if without_consent:
        out.print(
            f"Of all people, {number(without_consent)} web visits without consent matched a rule "
            f"in these {window} days and earned nothing. Whose they were is not kept."
        )


def explain(contact: str, window: int, shown: int) -> None:
    """Print the explanation, with as many events at most."""
    with marts() as connection:
        print_explanation(connection, console(), contact, window, shown)
