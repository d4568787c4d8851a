"""Why one contact has the score it has: `contact-scoring explain CONTACT --window 30`.

CONTACT is a contact id or a current e-mail address. Source: the marts of the last build, and
nothing else. Exits non-zero where they do not know the contact.
"""

import re
from collections import Counter
from datetime import datetime

import duckdb
from rich.console import Console

from contact_scoring import questions
from contact_scoring.tables import console, number, printable, table
from contact_scoring.warehouse import Row, marts, only_row

Connection = duckdb.DuckDBPyConnection
# places in a row of HISTORY
STATUS, BAND = 2, 3

# how many contacts have a rank
RANKED = """
    select count(*) from marts.active_contacts
    where score_name = $score_name and window_days = $window
"""

# the scores of the windows that have a column of their own
NAMED_SCORES = r"""
    select columns('^score_\d+d$') from marts.contact_scores
    where contact_id = $contact and score_name = $score_name
"""

WITHOUT_CONSENT = """
    select count(distinct event_id)
    from marts.points_ledger
    where unearned_reason = 'no_consent' and occurred_at >= as_of - to_days($window)
"""

FIRST_BUILD = "select min(valid_from) from marts.score_history"


def time(value: datetime) -> str:
    """A time in UTC, to the minute."""
    return f"{value:%Y-%m-%d %H:%M}"


def find(connection: Connection, contact: str) -> Row:
    """The one contact with this id, or else with this address; exits where it is none or many."""
    found = connection.execute(questions.PEOPLE, {"named": contact}).fetchall()
    if not found:
        raise SystemExit(
            f"No contact has the id or the current address '{printable(contact)}' in the last "
            "build. One that was merged is found under the contact it was merged into; one that "
            "was deleted is nowhere. Names do not do; ids: make -s csv MART=contact_scores"
        )
    if len(found) > 1:
        ids = ", ".join(printable(person[0]) for person in found)
        raise SystemExit(
            f"{len(found)} contacts have that address: {ids}. Name one of them by its id."
        )
    return found[0]


def since(spans: list[Row], place: int, first_build: datetime | None) -> str:
    """From when the newest span's status or band, by its place in a row, has held without a gap."""
    began = None
    for newer, span in zip([None, *spans], spans, strict=False):
        # it lasted until the newer one began
        if newer and (span[place] != newer[place] or span[1] != newer[0]):
            break
        began = span[0]
    if began is None:
        return ""
    return f" since {time(began)}" + (", the first build" if began == first_build else "")


def print_standing(
    connection: Connection, out: Console, person: Row, standing: Row, window: int, shown: int
) -> None:
    """One score of a contact: how high, since when, from what, and what was not counted."""
    contact, as_of = person[0], person[-1]
    score_name, status, band, last_engaged_at, score, rank = standing
    of_score = {"contact": contact, "score_name": score_name}

    spans = connection.execute(questions.HISTORY, of_score | {"as_of": as_of}).fetchall()
    (first_build,) = only_row(connection, FIRST_BUILD)
    points = "point" if score == 1 else "points"
    out.rule(f"{score_name}: {number(score or 0)} {points} in {window} days", align="left")
    # of a disqualification the evidence knows more than the builds
    facts = [status + ("" if status == "disqualified" else since(spans, STATUS, first_build))]
    if rank:
        (ranked,) = only_row(connection, RANKED, {"score_name": score_name, "window": window})
        facts.append(f"rank {number(rank)} of {number(ranked)}")
    if band:
        facts.append(f"band {band}{since(spans, BAND, first_build)}")
    graded = connection.execute(questions.GRADES, of_score).fetchall()
    facts += [
        f"grade {grade} with {fit_score_name}{' (sales-ready)' if is_ready else ''}"
        for fit_score_name, grade, is_ready in graded
    ]
    if last_engaged_at:
        facts.append(f"last engaged {time(last_engaged_at)}")
    out.print(printable("; ".join(facts)), soft_wrap=True)
    named_scores = connection.execute(NAMED_SCORES, of_score)
    days = [re.sub(r"\D", "", column[0]) for column in named_scores.description or ()]
    values = named_scores.fetchall()[0]
    out.print("; ".join(f"{n} d: {number(value)}" for n, value in zip(days, values, strict=True)))

    drivers = connection.execute(questions.DRIVERS, of_score | {"window": window}).fetchall()
    if drivers:
        title = "What it is made of"
        if status == "disqualified":
            title = "What it would be made of, if the contact were not disqualified"
        columns = ["rule", "times earned", "points before cap", "lost to cap", "points"]
        out.print(table(title, columns, [(rule, *points) for rule, _, *points in drivers]))
    events = connection.execute(questions.EVENTS, of_score | {"window": window}).fetchall()
    reasons = Counter(event[-2] for event in events if event[-2])
    lost = sum(abs(driver[4]) for driver in drivers)
    uncounted = [
        f"{number(reasons[reason])} as {questions.UNCOUNTED[reason]}" for reason in sorted(reasons)
    ]
    uncounted += [f"{number(lost)} points over a cap"] if lost else []
    if uncounted:
        out.print(f"Not counted: {', '.join(uncounted)}")
    if events:
        held_back = {"yes": "held back"} if status == "disqualified" else {}
        rows = [
            (time(when), *what, held_back.get(counted, counted))
            for when, *what, counted, _, _ in events[:shown]
        ]
        out.print(
            table(
                "The events behind it, newest first (UTC); points before caps",
                ["when", "event", "what", "rule", "points", "counted"],
                rows,
            )
        )
        if len(events) > shown:
            out.print(f"and {number(len(events) - shown)} older ones: EVENTS={len(events)} for all")
    else:
        out.print(f"No event of the {window} days matches a rule of this score.")
    handoffs = connection.execute(questions.HANDOFFS, of_score | {"as_of": as_of}).fetchall()
    for handed_off_at, to_band, previous, at_score, owner, grade in handoffs:
        entered = f"{grade} ({to_band or 'no band'})" if grade else to_band
        out.print(
            printable(
                f"Handed to sales {time(handed_off_at)}: {entered} with {number(at_score)} points, "
                f"from {previous or 'no band'}, to {owner or 'nobody in particular'}"
            )
        )
    out.print()


def print_fit(connection: Connection, out: Console, contact: str, *, is_disqualified: bool) -> None:
    """How well a contact suits, whatever it does: each fit score, and what it is made of."""
    of_contact = {"contact": contact}
    for score_name, score, band in connection.execute(questions.FIT, of_contact).fetchall():
        out.rule(f"{score_name}: {number(score)} points, whatever the contact does", align="left")
        if band:
            out.print(printable(f"band {band}"))
        of_score = of_contact | {"score_name": score_name}
        drivers = connection.execute(questions.FIT_DRIVERS, of_score).fetchall()
        if drivers:
            title = "What it is made of"
            if is_disqualified:
                title = "What it would be made of, if the contact were not disqualified"
            rows = [(rule, *attribute, points) for rule, _, *attribute, points in drivers]
            out.print(table(title, ["rule", "attribute", "value", "points"], rows))
        else:
            out.print("No fit rule matches the contact.")
        out.print()


def print_explanation(
    connection: Connection, out: Console, contact: str, window: int, shown: int
) -> None:
    """Everything the marts know about why a contact scores as it does."""
    person = find(connection, contact)
    contact_id, *described, _, as_of = person
    out.print(printable(", ".join([contact_id, *(text for text in described if text)])))
    out.print(f"as of {time(as_of)} UTC; all times are UTC\n")

    found = connection.execute(questions.DISQUALIFICATIONS, {"contact": contact_id}).fetchall()
    if found:
        rows = [(row[0], row[1], time(row[2]), *row[3:]) for row in found]
        columns = ["event", "times", "disqualified since", "last event", "forfeited (90 d)"]
        out.print(table("Disqualified: scores nothing", columns, rows))
        out.print()

    of_contact = {"contact": contact_id, "window": window}
    for standing in connection.execute(questions.STANDINGS, of_contact).fetchall():
        print_standing(connection, out, person, standing, window, shown)
    print_fit(connection, out, contact_id, is_disqualified=bool(found))

    (without_consent,) = only_row(connection, WITHOUT_CONSENT, {"window": window})
    if without_consent:
        out.print(
            f"Of all people, {number(without_consent)} web visits without consent matched a rule "
            f"in these {window} days and earned nothing. Whose they were is not kept."
        )


def explain(contact: str, window: int, shown: int) -> None:
    """Print the explanation, with as many events at most."""
    with marts() as connection:
        print_explanation(connection, console(), contact, window, shown)
