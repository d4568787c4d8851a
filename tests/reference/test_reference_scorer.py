"""Cases of SPEC.md worked out by hand; each names the sentence that its numbers come from."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from reference_scorer import Erasures, Memory, MergeLoopError, erased_contacts, score, time

AS_OF = datetime(2026, 4, 1, 12)  # a Wednesday noon; its period began at midnight
NEW_YEAR = datetime(2026, 1, 10)
ANN, BOB = "ann@x.io", "bob@x.io"
CSV = dict[str, str | None]
Marts = dict[str, list[dict[str, Any]]]


def ago(**span: float) -> str:
    """A time before as-of, as a CSV has it."""
    return (AS_OF - timedelta(**span)).isoformat()


def contact(contact_id: str = "c1", email_address: str | None = ANN, **columns: str) -> CSV:
    return {"contact_id": contact_id, "email_address": email_address, **columns}


def email(event_id: str, kind: str, at: str, who: str = ANN, **columns: str) -> CSV:
    event = {"event_id": event_id, "event_type": f"email_{kind}", "occurred_at": at}
    return {**event, "email_address": who, **columns}


def view(event_id: str, at: str, visitor: str = "v1", **columns: str) -> CSV:
    event = {"event_id": event_id, "event_type": "page_view", "occurred_at": at}
    return {**event, "visitor_id": visitor, **columns}


def activity(event_id: str, kind: str, at: str, contact_id: str = "c1", **columns: str) -> CSV:
    event = {"event_id": event_id, "event_type": kind, "occurred_at": at}
    return {**event, "contact_id": contact_id, **columns}


def link(kind: str, value: str, contact_id: str, at: str | None = None) -> CSV:
    return {
        "identity_type": kind,
        "identity_value": value,
        "contact_id": contact_id,
        "linked_at": at,
    }


def consent(visitor: str = "v1", granted: str = "true", at: str | None = None) -> CSV:
    return {"visitor_id": visitor, "is_granted": granted, "decided_at": at}


def member(list_id: str, contact_id: str, **columns: str) -> CSV:
    return {"list_id": list_id, "contact_id": contact_id, **columns}


def rule(event_type: str, points: str = "1", **columns: str) -> CSV:
    return {"rule_id": event_type, "event_type": event_type, "points": points, **columns}


def disqualify(kind: str, minimum: str = "1", by: str = "contact", cleared_by: str = "") -> CSV:
    return {
        "event_type": kind,
        "min_occurrences": minimum,
        "applies_to": by,
        "cleared_by": cleared_by,
    }


def band(name: str, minimum: str, ready: str = "false", window: str = "30") -> CSV:
    return {
        "score_name": "engagement",
        "window_days": window,
        "band": name,
        "min_score": minimum,
        "is_sales_ready": ready,
    }


CLASSIC = [rule("email_open"), rule("email_click"), rule("page_view"), rule("call")]
BANDS = [band("warm", "2"), band("hot", "5", "true"), band("hotter", "10", "true")]


def build(
    *,
    rules: list[CSV] | None = None,
    disqualifications: list[CSV] | None = None,
    bands: list[CSV] | None = None,
    agents: list[CSV] | None = None,
    as_of: datetime = AS_OF,
    windows: tuple[int, ...] = (1, 7, 30, 90),
    website_tracking: bool = True,
    require_consent: bool = True,
    machine_click_seconds: float = 5,
    erasures: Erasures | None = None,
    **raw: list[CSV],
) -> Marts:
    config = {
        "scoring_rules": rules or CLASSIC,
        "disqualification_rules": disqualifications or [],
        "score_bands": bands or [],
        "machine_user_agents": agents or [],
    }
    raw.setdefault("contacts", [contact()])
    return score(
        raw,
        config,
        as_of,
        website_tracking=website_tracking,
        require_consent=require_consent,
        machine_click_seconds=machine_click_seconds,
        windows=windows,
        erasures=erasures,
    )


def scores(marts: Marts, window: int = 90) -> dict[str, Decimal]:
    """Contact -> score, of the one score name."""
    return {row["contact_id"]: row[f"score_{window}d"] for row in marts["contact_scores"]}


def drivers(marts: Marts, window: int = 90) -> dict[str, tuple[int, Decimal, Decimal]]:
    """Rule -> times earned, points, points lost, of the one contact."""
    return {
        row["rule_id"]: (row["times_earned"], row["points"], row["points_lost_to_cap"])
        for row in marts["score_drivers"]
        if row["window_days"] == window
    }


def ledger(marts: Marts, column: str) -> dict[str, Any]:
    """Event -> a column of its one row of the ledger."""
    return {row["event_id"]: row[column] for row in marts["points_ledger"]}


def status(marts: Marts, source: str) -> tuple[int, int, int, int, int]:
    """Rows read, engagements, duplicates, rejected, erased."""
    (row,) = [row for row in marts["scoring_status"] if row["source"] == source]
    assert row["rows_read"] == sum(
        row[fate] for fate in ("engagements", "duplicates", "rejected", "erased")
    )
    columns = ("rows_read", "engagements", "duplicates", "rejected", "erased")
    return tuple(row[column] for column in columns)


def conflicts(marts: Marts, source: str) -> int:
    (found,) = [row for row in marts["scoring_status"] if row["source"] == source]
    assert found["conflicting_duplicates"] <= found["duplicates"]
    return found["conflicting_duplicates"]


# §2 Values ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-04-01", datetime(2026, 4, 1)),
        ("2026-04-01 10:20:30", datetime(2026, 4, 1, 10, 20, 30)),
        (" 2026-04-01t10:20z ", datetime(2026, 4, 1, 10, 20)),
        ("2026-04-01T10:20:30.1234569", datetime(2026, 4, 1, 10, 20, 30, 123456)),
        ("2026-04-01T00:30:00+02", datetime(2026, 3, 31, 22, 30)),
        ("2026-03-31T20:00:00-0530", datetime(2026, 4, 1, 1, 30)),
        ("2026-04-01T00:00:00+05:45", datetime(2026, 3, 31, 18, 15)),
        ("2026-02-28T24:00", datetime(2026, 3, 1)),
        ("2025-12-20 10:00:00 UTC", datetime(2025, 12, 20, 10)),
        ("2025-12-20T10:00 UTC", datetime(2025, 12, 20, 10)),
        ("\ufeff2025-12-20 10:00:00.123456 UTC\u200b ", datetime(2025, 12, 20, 10, 0, 0, 123456)),
        ("2025-12-20 10:00:00UTC", None),
        ("2025-12-20 10:00:00  UTC", None),
        ("2025-12-20 10:00:00 utc", None),
        ("2025-12-20 10:00:00 UTC+1", None),
        ("2025-12-20 10:00:00Z UTC", None),
        ("2025-12-20 10:00:00 GMT", None),
        ("2025-12-20 UTC", None),
        ("2026-02-28T24:01", None),
        ("2026-02-29", None),
        ("2026-04-01T10", None),
        ("0000-01-01", None),
        ("0001-01-01T00:00:00+01", None),
        ("9999-12-31T24:00", None),
        ("\u0662\u0660\u0662\u0666-04-01", None),
        ("yesterday", None),
        ("infinity", None),
        ("  ", None),
        ("\u2060", None),
        (None, None),
    ],
)
def test_readable_times(written: str | None, expected: datetime | None) -> None:
    """§2: a readable time is an ISO 8601 date, or date and time ... words are unreadable."""
    assert time(written) == expected


def test_addresses_are_trimmed_and_lower_cased_but_ids_are_as_written() -> None:
    """§2: ids are otherwise taken as written; e-mail addresses are trimmed and lower-cased."""
    marts = build(
        contacts=[contact("c1", " ANN@X.io"), contact("C1", BOB)],
        email_events=[email("e1", "open", ago(hours=1), "ann@x.IO\t")],
        activities=[activity("a1", "call", ago(hours=1), "C1")],
    )
    assert scores(marts) == {"c1": 1, "C1": 1}
    assert marts["contact_scores"][0]["email_address"] == ANN


def test_a_refusal_in_utc_is_the_latest_decision() -> None:
    """§2: ` UTC` is readable; §3.6: a decision that is not would come before all others."""
    decisions = [
        consent(at="2025-12-01T10:00:00Z"),
        consent(granted="false", at="2025-12-20 10:00:00 UTC"),
    ]
    marts = build(
        as_of=NEW_YEAR,
        web_events=[view("w1", "2026-01-05")],
        identities=[link("visitor", "v1", "c1")],
        consents=decisions,
    )
    assert scores(marts) == {"c1": 0}
    assert ledger(marts, "earns") == {"w1": False}


def test_invisible_characters_are_white_space() -> None:
    """§2: U+200B to U+200D, U+2060 and U+FEFF: trimmed from addresses, blank, but not from ids."""
    marts = build(
        as_of=NEW_YEAR,
        contacts=[contact("z", "\ufeffz@x.example", owner="\u200b \u200c\u200d")],
        email_events=[
            email("e1", "open", "2026-01-09", "z@x.example\u200b"),
            email("\u2060", "open", "2026-01-09", "z@x.example"),
            email("e2", "open", "2026-01-09", "\ufeff"),
            email("e3", "open", "2026-01-09", "z\u200b@x.example"),
        ],
        activities=[activity("a1", "call", "2026-01-09", "z\u200b")],
    )
    assert scores(marts) == {"z": 1}
    (row,) = marts["contact_scores"]
    assert (row["email_address"], row["owner"]) == ("z@x.example", None)
    reasons = [row["reason"] for row in marts["rejected_events"]]
    assert reasons == ["missing_event_id", "missing_actor"]


def test_absent_tables_and_blank_columns() -> None:
    """§2: a table that is absent counts as empty; white-space text is null in every column."""
    marts = build(contacts=[contact(owner="  ")], activities=[activity("a1", "call", ago(days=1))])
    (row,) = marts["contact_scores"]
    assert (row["owner"], row["phone"], row["score_1d"]) == (None, None, 1)
    assert status(marts, "web_events") == (0, 0, 0, 0, 0)


def test_as_of_is_on_the_grid() -> None:
    """§2: a value off the 12 h grid is an error that says so."""
    with pytest.raises(ValueError, match="12 h grid"):
        build(as_of=AS_OF + timedelta(seconds=1))


# §1 Windows ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "first_window"),
    [
        (ago(seconds=1), 1),
        (ago(days=1), 1),
        (ago(days=1, seconds=1), 2),
        (ago(days=7), 7),
        (ago(days=7, seconds=1), 8),
        (ago(days=90), 90),
        (ago(days=90, seconds=1), None),
        (ago(), None),
    ],
)
def test_window_edges(at: str, first_window: int | None) -> None:
    """§1: `as_of - N days <= occurred_at < as_of`."""
    marts = build(email_events=[email("e1", "open", at)], windows=tuple(range(1, 91)))
    expected = [] if first_window is None else list(range(first_window, 91))
    assert [row["window_days"] for row in marts["active_contacts"]] == expected


# §3 Which events count ----------------------------------------------------------------------


def test_first_reason_of_rejection_wins() -> None:
    """§3.1: the reasons in their order; rejected rows stand with their source and raw fields."""
    rows = [
        email("", "bogus", "never", ""),
        email("e2", "bogus", "never", ""),
        email("e3", "bogus", ago(days=1), " "),
        email("e4", "bogus", ago(days=3), received_at=ago(days=9)),
        email("e5", "open", ago(days=3), received_at=ago(days=4, seconds=1)),
        email("e6", "open", ago(days=3), received_at=ago(days=4)),
        email("e7", "open", ago(days=3), received_at="soon"),
    ]
    marts = build(email_events=rows, activities=[activity("a1", "Call", ago(days=1))])
    assert [row["reason"] for row in marts["rejected_events"]] == [
        "missing_event_id",
        "invalid_occurred_at",
        "missing_actor",
        "unknown_event_type",
        "occurs_in_the_future",
        "unknown_event_type",
    ]
    row = marts["rejected_events"][-1]
    assert {column: value for column, value in row.items() if value} == {
        "source": "activities",
        "event_id": "a1",
        "reason": "unknown_event_type",
        "occurred_at": ago(days=1),
        "received_at": AS_OF - timedelta(days=1),
        "event_type": "Call",
        "contact_id": "c1",
    }
    assert status(marts, "email_events") == (7, 2, 0, 5, 0)


def test_earliest_received_copy_is_the_engagement() -> None:
    """§3.2: the earliest `received_at`, then `occurred_at`, then the columns in §2's order."""
    rows = [
        email("e1", "open", ago(days=2), received_at=ago(hours=3)),
        email("e1", "click", ago(days=1), received_at=ago(hours=4)),
        email("e2", "click", ago(days=3)),
        email("e2", "click", ago(days=4), received_at=ago(days=3)),
        email("e3", "open", ago(days=5)),
        email("e3", "click", ago(days=5)),
    ]
    marts = build(email_events=rows)
    assert ledger(marts, "rule_id") == {
        "e1": "email_click",
        "e2": "email_click",
        "e3": "email_click",
    }
    assert ledger(marts, "occurred_at")["e2"] == AS_OF - timedelta(days=4)
    assert status(marts, "email_events") == (6, 3, 3, 0, 0)


def test_tied_copies_sort_nulls_last_and_by_code_point() -> None:
    """§3.2: nulls last, text by code point: "Z" stands before "a"; no machine before a machine."""
    rules = [
        rule("email_open", "1"),
        rule("email_click", "1", match_field="link_url", match_operator="equals", match_value="Z"),
    ]
    rows = [
        email("e1", "click", ago(days=1)),
        email("e1", "click", ago(days=1), link_url="a"),
        email("e1", "click", ago(days=1), link_url="Z"),
        email("e2", "open", ago(days=1), is_machine="yes"),
        email("e2", "open", ago(days=1), is_machine="no"),
    ]
    assert scores(build(rules=rules, email_events=rows)) == {"c1": 2}


def test_rejected_copies_take_no_part_and_tables_do_not_share_ids() -> None:
    """§3.2: duplicate ids within one raw table."""
    marts = build(
        email_events=[
            email("e1", "bogus", ago(days=9)),
            email("e1", "open", ago(days=1)),
        ],
        activities=[activity("e1", "call", ago(days=1))],
    )
    assert status(marts, "email_events") == (2, 1, 0, 1, 0)
    assert scores(marts) == {"c1": 2}


def test_ids_that_are_not_unique() -> None:
    """§3.2: a duplicate that names another actor or event type ... is conflicting."""
    rows = [
        email("fb-1", "hard_bounce", "2026-01-05", f"{name}@x.example") for name in ("c", "d", "e")
    ]
    marts = build(as_of=NEW_YEAR, email_events=rows)
    assert status(marts, "email_events") == (3, 1, 2, 0, 0)
    assert conflicts(marts, "email_events") == 2


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        ([email("e1", "open", ago(days=1))], 0),
        ([email("e1", "open", ago(hours=2), " ANN@x.io", campaign_id="other")], 0),
        ([email("e1", "click", ago(days=1), received_at=ago(hours=1))], 1),
        ([email("e1", "open", ago(days=1), BOB), email("e1", "click", ago(days=1), BOB)], 3),
        ([email("e1", "opened", ago(days=1)), email("e1", "open", ago(days=1), "")], 0),
        ([email("e2", "open", ago(days=1), BOB)], 0),
    ],
)
def test_conflicting_duplicates(copies: list[CSV], expected: int) -> None:
    """§3.2: than the copy that counts: a rejected row is no copy; addresses are compared trimmed.

    In the fourth case the copy that counts is the click: "email_click" stands before "email_open".
    """
    rows = [email("e1", "open", ago(days=1)), email("e1", "open", ago(days=1)), *copies]
    assert conflicts(build(email_events=rows), "email_events") == expected


def test_no_conflict_with_what_was_erased() -> None:
    """§4: erased rows are counted as `erased` and as nothing else: no copy counts any more."""
    gone, rest = contact("c1", deleted_at="2020-01-01"), contact("c2", BOB)
    first = [email("e1", "open", ago(days=3), ANN), email("e1", "open", ago(days=2), BOB)]
    other = [email("e2", "open", ago(days=3), BOB), email("e2", "open", ago(days=2), ANN)]
    erasures = Erasures()
    for number in (2, 3):
        rows = [*first, *other, email("e1", "click", ago(days=1), BOB)][: 2 + number]
        marts = build(contacts=[gone, rest], email_events=rows, erasures=erasures)
        assert status(marts, "email_events") == (2 + number, 1, number - 1, 0, 2)
        assert conflicts(marts, "email_events") == 0


def test_machine_reasons_in_their_order() -> None:
    """§3.4: flagged, then a user agent that contains (any case, literally) a pattern."""
    rows = [
        email("e1", "open", ago(hours=1), is_machine="T", user_agent="a 100%_BOT!"),
        email("e2", "open", ago(hours=2), is_machine="0", user_agent="a 100%_BOT!"),
        email("e3", "open", ago(hours=3), user_agent="a 100 xbot"),
    ]
    agents = [{"pattern": "100%_bot", "description": ""}, {"pattern": " ", "description": "none"}]
    marts = build(email_events=rows, agents=agents)
    assert ledger(marts, "machine_reason") == {"e1": "flagged", "e2": "user_agent", "e3": None}
    assert ledger(marts, "points") == {"e1": 0, "e2": 0, "e3": 1}


def clicks(*second_and_link: tuple[float, str], message_id: str = "m1") -> list[CSV]:
    return [
        email(
            f"k{number}",
            "click",
            ago(hours=1, seconds=-second),
            message_id=message_id,
            link_url=url,
        )
        for number, (second, url) in enumerate(second_and_link)
    ]


@pytest.mark.parametrize(
    ("rows", "burst"),
    [
        (clicks((0, "a"), (5, "b"), (10, "c")), {"k0", "k1", "k2"}),
        (clicks((0, "a"), (5, "b"), (10.000001, "c")), set()),
        (clicks((0, "a"), (5, "b"), (9, "b")), set()),
        (clicks((0, "a"), (5, "b"), (9, "")), set()),
        (clicks((0, "a"), (5, "b"), (9, "c"), (9, "")), {"k0", "k1", "k2", "k3"}),
        (clicks((0, "a"), (4, "a"), (8, "b"), (12, "c"), (18, "a")), {"k1", "k2", "k3", "k4"}),
        (clicks((0, "a"), (1, "b"), (2, "c"), message_id=""), set()),
        (
            [
                *clicks((0, "a"), (1, "b")),
                email("x", "click", ago(hours=1), BOB, message_id="m1", link_url="c"),
            ],
            set(),
        ),
    ],
)
def test_bursts(rows: list[CSV], burst: set[str]) -> None:
    """§3.4: some closed 10-second span holds clicks on 3 or more different links."""
    found = ledger(build(email_events=rows), "machine_reason")
    assert {event_id for event_id, reason in found.items() if reason == "click_burst"} == burst


def delivered(second: float, message_id: str = "m1", **columns: str) -> CSV:
    at = ago(hours=1, seconds=-second)
    return email(f"d{second}", "delivered", at, message_id=message_id) | columns


@pytest.mark.parametrize(
    ("second", "deliveries", "seconds", "too_fast"),
    [
        (2, [delivered(0)], 5, True),
        (6, [delivered(0)], 5, False),
        (0, [delivered(0)], 5, True),
        (5, [delivered(0)], 5, True),
        (5.000001, [delivered(0)], 5, False),
        (-0.000001, [delivered(0)], 5, False),
        # Only the first delivery counts, by `occurred_at`; any engagement may be it.
        (8, [delivered(4), delivered(0)], 5, False),
        (2, [delivered(4)], 5, False),
        (2, [delivered(0, is_machine="true")], 5, True),
        (2, [delivered(0, received_at=ago(hours=2)), delivered(-9, event_id="d0")], 5, True),
        # Not of another actor or message, or of none.
        (2, [delivered(0, email_address=BOB)], 5, False),
        (2, [delivered(0, "m2")], 5, False),
        (2, [delivered(0, "")], 5, False),
        (2, [], 5, False),
        # The variable.
        (6, [delivered(0)], 6, True),
        (0, [delivered(0)], 0, False),
    ],
)
def test_too_fast(second: float, deliveries: list[CSV], seconds: float, too_fast: bool) -> None:
    """§3.4: no more than `machine_click_seconds` after the first delivery, and not before it."""
    rows = [*deliveries, *clicks((second, "a"))]
    marts = build(email_events=rows, machine_click_seconds=seconds)
    assert ledger(marts, "machine_reason") == {"k0": "too_fast" if too_fast else None}
    assert scores(marts) == {"c1": int(not too_fast)}


def test_a_click_without_a_message_is_not_too_fast() -> None:
    """§3.4: of the same actor and message."""
    rows = [delivered(0, ""), *clicks((1, "a"), message_id="")]
    assert scores(build(email_events=rows)) == {"c1": 1}


@pytest.mark.parametrize(("at", "earns"), [("04:19:02", False), ("04:19:06", True)])
def test_a_scanner_clicks_as_the_message_comes_in(at: str, earns: bool) -> None:
    """§3.4, with its default: 5 seconds."""
    rows = [
        email("d1", "delivered", "2026-01-09T04:19:00", message_id="m1"),
        email("k1", "click", f"2026-01-09T{at}", message_id="m1"),
    ]
    marts = build(as_of=NEW_YEAR, email_events=rows)
    assert ledger(marts, "machine_reason") == {"k1": None if earns else "too_fast"}
    assert ledger(marts, "earns") == {"k1": earns}


def test_too_fast_is_the_last_reason() -> None:
    """§3.4: the first of these is its `machine_reason`."""
    rows = [
        delivered(0),
        *clicks((0, "a"), (1, "b"), (2, "c")),
        *[row | {"event_id": "x"} for row in clicks((3, "a"))],
        email("f", "click", ago(hours=1, seconds=-1), message_id="m1", is_machine="1"),
        delivered(100, "m2"),
        *[row | {"event_id": "y"} for row in clicks((101, "a"), message_id="m2")],
    ]
    assert ledger(build(email_events=rows), "machine_reason") == {
        **dict.fromkeys(("k0", "k1", "k2", "x"), "click_burst"),
        "f": "flagged",
        "y": "too_fast",
    }


def test_a_click_that_is_too_fast_is_a_machines_in_every_way() -> None:
    """§3.4: machines earn nothing and link nobody; §3.5: nor do they make a repeat."""
    rows = [delivered(0), *clicks((2, "a"), (60, "a"))]
    marts = build(
        email_events=rows,
        web_events=[view("w1", ago(minutes=50), email_click_event_id="k0")],
        consents=[consent()],
    )
    assert ledger(marts, "is_repeat") == {"k0": False, "k1": False, "w1": False}
    assert ledger(marts, "earns") == {"k0": False, "k1": True, "w1": False}
    assert ledger(marts, "contact_id")["w1"] is None


def test_repeats_by_order_of_receipt() -> None:
    """§3.5: a repeat when an earlier-received engagement (by received_at, then event_id) ..."""
    rows = [
        email("e1", "open", ago(days=3), received_at=ago(hours=2), message_id="m1"),
        email("e2", "open", ago(days=1), received_at=ago(hours=3), message_id="m1"),
        email("e3", "open", ago(days=1), received_at=ago(hours=3), message_id="m1", link_url=""),
        email("e4", "click", ago(days=1), message_id="m1"),
        email("e5", "open", ago(days=1), message_id="m2"),
        email("e6", "open", ago(days=1)),
        email("e7", "open", ago(days=1)),
    ]
    marts = build(email_events=rows)
    assert {key for key, value in ledger(marts, "is_repeat").items() if value} == {"e1", "e3"}
    assert scores(marts) == {"c1": 5}
    counting = build(email_events=rows, rules=[rule("email_open", counts_repeats="TRUE")])
    assert scores(counting) == {"c1": 6}


def test_a_machine_makes_no_repeats_but_may_be_one() -> None:
    """§3.5: an earlier-received engagement that is no machine's."""
    rows = [
        email("e1", "open", ago(hours=3), message_id="m1", is_machine="1"),
        email("e2", "open", ago(hours=2), message_id="m1"),
        email("e3", "open", ago(hours=1), message_id="m1", is_machine="1"),
    ]
    assert ledger(build(email_events=rows), "is_repeat") == {"e1": False, "e2": False, "e3": True}


def test_a_repeat_looks_beyond_as_of() -> None:
    """§3: duplicates, repeats, bursts and scoring_status look at every row, whatever as-of."""
    rows = [
        email("e1", "open", ago(hours=1), message_id="m1", received_at=ago(hours=-9)),
        email("e2", "open", ago(hours=-1), message_id="m1", received_at=ago(hours=-8)),
    ]
    marts = build(email_events=rows)
    assert scores(marts) == {"c1": 0}
    assert status(marts, "email_events") == (2, 2, 0, 0, 0)
    assert marts["scoring_status"][0]["newest_received_at"] == AS_OF + timedelta(hours=9)


@pytest.mark.parametrize(
    ("consents", "required", "counts"),
    [
        ([], True, False),
        ([], False, True),
        ([consent()], True, True),
        ([consent(at=ago(days=2)), consent(granted="no", at=ago(days=2))], True, False),
        ([consent(at=ago(days=2)), consent(granted="no", at=ago(seconds=1))], False, False),
        ([consent(at=ago(days=2)), consent(granted="no", at=ago())], True, True),
        ([consent(at=ago())], True, False),
        ([consent(at=ago(days=2)), consent(granted="no", at="once")], True, True),
        ([consent(granted="", at=ago(days=2))], False, False),
        ([consent("V1")], True, False),
    ],
)
def test_consent(consents: list[CSV], required: bool, counts: bool) -> None:
    """§3.6: the latest decision before as-of; a refusal wins a tie; undated before all others."""
    marts = build(
        web_events=[view("w1", ago(days=3))],
        identities=[link("visitor", "v1", "c1")],
        consents=consents,
        require_consent=required,
    )
    assert scores(marts) == {"c1": int(counts)}
    (row,) = marts["points_ledger"]
    assert (row["contact_id"], row["earns"]) == (("c1", True) if counts else (None, False))


def test_unconsented_events_neither_disqualify_nor_clear() -> None:
    """§3.6: they carry no `contact_id` in any mart, so §6 has no engagement of the contact."""
    marts = build(
        web_events=[view("w1", ago(days=1), "v1"), view("w2", ago(days=1), "v2")],
        activities=[activity("a1", "rejected", ago(days=5))],
        identities=[link("visitor", "v1", "c1"), link("visitor", "v2", "c2")],
        contacts=[contact("c1"), contact("c2", BOB)],
        disqualifications=[disqualify("page_view"), disqualify("rejected", cleared_by="page_view")],
    )
    assert [row["event_type"] for row in marts["disqualified_contacts"]] == ["rejected"]


def test_website_tracking_off() -> None:
    """§3.7: no web event is read at all."""
    marts = build(web_events=[view("", "never")], website_tracking=False)
    assert status(marts, "web_events") == (0, 0, 0, 0, 0)
    assert marts["rejected_events"] == []


# §4 Whose they are --------------------------------------------------------------------------


def owner(**raw: list[CSV]) -> str | None:
    """The contact of a visitor's page view, or of an open of Ann's where there is none."""
    raw.setdefault("contacts", [contact("c1"), contact("c2", BOB), contact("c3", "cyd@x.io")])
    raw.setdefault("consents", [consent()])
    marts = build(**raw)
    event_id = "w1" if "web_events" in raw else "e1"
    return ledger(marts, "contact_id")[event_id]


OPEN = [email("e1", "open", ago(days=1))]


@pytest.mark.parametrize(
    ("contacts", "expected"),
    [
        ([contact("c2"), contact("c1")], "c1"),
        ([contact("c1"), contact("c2", updated_at="2020-01-01")], "c2"),
        ([contact("c1", deleted_at="2020-01-01"), contact("c2")], "c2"),
        ([contact("c1"), contact("C1", deleted_at="soon")], "C1"),
        (
            [
                contact("c1", merged_into_contact_id="c9"),
                contact("c2"),
                contact("c9", BOB, deleted_at="2020-01-01"),
            ],
            "c2",
        ),
        (
            [
                contact("c2"),
                contact("c1", deleted_at="2020-01-01", merged_into_contact_id="c9"),
                contact("c9", BOB),
            ],
            "c9",
        ),
    ],
)
def test_owner_of_a_shared_address(contacts: list[CSV], expected: str) -> None:
    """§4: one whose person is not deleted first, then the newest `updated_at`, then the id."""
    assert owner(contacts=contacts, email_events=OPEN) == expected


@pytest.mark.parametrize(
    ("identities", "expected"),
    [
        ([link("email", " ANN@x.io ", "c2")], "c2"),
        ([link("email", ANN, "c3", ago(days=8)), link("email", ANN, "c2", ago(days=9))], "c3"),
        ([link("email", ANN, "c3"), link("email", ANN, "c2")], "c2"),
        ([link("email", ANN, "c2", "once"), link("email", ANN, "c3", "1970-01-01")], "c3"),
        ([link("email", ANN, "c2", ago(days=9)), link("email", ANN, "c3", ago())], "c2"),
        ([link("email", ANN, "c2", ago(days=9)), link("email", ANN, "gone", ago(days=1))], "c2"),
        ([link("Email", ANN, "c2")], None),
        ([link("email", BOB, "c3")], None),
    ],
)
def test_newest_link_of_an_address(identities: list[CSV], expected: str | None) -> None:
    """§4: else the newest link among `identities`; only links before as-of count."""
    people = [contact("c2", BOB), contact("c3", "cyd@x.io")]
    assert owner(contacts=people, identities=identities, email_events=OPEN) == expected


def test_a_current_address_goes_before_any_link() -> None:
    """§4: the contact row whose current address it is; else the newest link."""
    assert owner(identities=[link("email", ANN, "c2", ago(days=1))], email_events=OPEN) == "c1"


def test_ties_go_to_the_smallest_id_before_merges() -> None:
    """§4: the smallest contact id, as it is before merges: "a" wins, and became "z"."""
    people = [contact("a", BOB, merged_into_contact_id="z"), contact("b", None), contact("z", None)]
    links = [link("email", ANN, "b", ago(days=1)), link("email", ANN, "a", ago(days=1))]
    assert owner(contacts=people, identities=links, email_events=OPEN) == "z"


CLICK = email("k1", "click", ago(days=40), BOB)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        # Linked late: earlier views of a visitor count for its contact as well.
        ({"identities": [link("visitor", "v1", "c1", ago(seconds=1))]}, "c1"),
        ({"identities": [link("visitor", "v1", "c1", ago())]}, None),
        # A landing links at the web event's time, which beats an older identity.
        (
            {
                "identities": [link("visitor", "v1", "c1", ago(days=3))],
                "web_events": [view("w2", ago(days=2), email_click_event_id="k1")],
            },
            "c2",
        ),
        (
            {
                "identities": [link("visitor", "v1", "c1", ago(days=1))],
                "web_events": [view("w2", ago(days=2), email_click_event_id="k1")],
            },
            "c1",
        ),
        # Typed in, also at the web event's time; of a tie with a landing the smaller contact.
        (
            {
                "web_events": [
                    view("w2", ago(days=2), email_click_event_id="k1"),
                    view("w3", ago(days=1), email_address=" Cyd@x.io"),
                ]
            },
            "c3",
        ),
        (
            {
                "web_events": [
                    view("w2", ago(days=2), email_click_event_id="k1", email_address="cyd@x.io")
                ]
            },
            "c2",
        ),
        # An address that is nobody's counts for nothing, and after as-of neither does a landing.
        ({"web_events": [view("w2", ago(days=2), email_address="who@x.io")]}, None),
        ({"web_events": [view("w2", ago(), email_click_event_id="k1")]}, None),
        # Not a click, no such click, or a machine's on either side.
        ({"web_events": [view("w2", ago(days=2), email_click_event_id="o1")]}, None),
        ({"web_events": [view("w2", ago(days=2), email_click_event_id="k2")]}, None),
        ({"web_events": [view("w2", ago(days=2), email_address=BOB, user_agent="Bot")]}, None),
        # The click that a landing names may itself be after as-of.
        ({"web_events": [view("w2", ago(days=2), email_click_event_id="k3")]}, "c2"),
    ],
)
def test_owner_of_a_visitor(raw: dict[str, list[CSV]], expected: str | None) -> None:
    """§4: the newest link among identities, e-mail clicks that landed and addresses typed in."""
    raw = {**raw, "web_events": [view("w1", ago(days=9)), *raw.get("web_events", [])]}
    clicked = [
        CLICK,
        email("k2", "click", ago(days=40), BOB, is_machine="true"),
        email("k3", "click", ago(days=-1), BOB),
        email("o1", "open", ago(days=40), BOB),
    ]
    agents = [{"pattern": "bot", "description": None}]
    assert owner(email_events=clicked, agents=agents, **raw) == expected


def test_merges_in_a_chain_are_united_then_capped() -> None:
    """§4: totals are never merged; §5: the cut is per contact, after all its actors are united."""
    marts = build(
        contacts=[
            contact("c1", ANN, merged_into_contact_id="c2"),
            contact("c2", BOB, merged_into_contact_id="c3", deleted_at="2020-01-01"),
            contact("c3", None, merged_into_contact_id="gone"),
        ],
        email_events=[
            email("e1", "open", ago(hours=1), ANN),
            email("e2", "open", ago(hours=1), BOB),
        ],
        activities=[activity("a1", "call", ago(hours=1))],
        rules=[rule("email_open", "3", max_points="4"), rule("call", "1")],
    )
    assert scores(marts) == {"c3": 5}
    assert drivers(marts)["email_open"] == (2, 4, 2)


def test_merge_loops_name_their_contacts() -> None:
    """§4: a loop is an error that names its contacts: not "a", which only leads into it.

    Nor "d", for a merge into oneself is none.
    """
    people = [
        contact(one, None, merged_into_contact_id=other)
        for one, other in (("a", "b"), ("b", "c"), ("c", "b"), ("d", "d"))
    ]
    with pytest.raises(MergeLoopError, match="b, c") as caught:
        build(contacts=people)
    assert caught.value.contact_ids == ("b", "c")


def test_a_merge_into_oneself_is_ignored() -> None:
    """§4: into an id that does not exist, or into itself: ignored."""
    marts = build(
        as_of=NEW_YEAR,
        contacts=[
            contact("1000", merged_into_contact_id="1000"),
            contact("1001", BOB, merged_into_contact_id="1000"),
        ],
        email_events=[email("e1", "open", "2026-01-09"), email("e2", "open", "2026-01-09", BOB)],
    )
    assert scores(marts) == {"1000": 2}


def test_newest_row_of_a_contact_counts() -> None:
    """§4: of several rows with one contact_id the newest `updated_at`; its address is current."""
    marts = build(
        contacts=[
            contact("c1", BOB, updated_at="2026-01-02"),
            contact("c1", ANN, updated_at="2026-01-01"),
            contact("c1", "cyd@x.io", updated_at="newest"),
        ],
    )
    assert [row["email_address"] for row in marts["contact_scores"]] == [BOB]


NEWEST = contact("c1", "ann.new@x.io", updated_at="2026-01-03")
OLDER = contact("c1", ANN, updated_at="2025-06-01")


@pytest.mark.parametrize(
    ("contacts", "identities", "expected"),
    [
        # The address is nobody's now, so it is whose it was; undated rows are older than all.
        ([NEWEST, OLDER], [], "c1"),
        ([NEWEST, contact("c1", ANN)], [], "c1"),
        ([contact("c1", None, updated_at="2026-01-03"), OLDER], [], "c1"),
        # A current address goes before every link, that of a row that was merged away too.
        ([NEWEST, OLDER, contact("c2")], [], "c2"),
        (
            [NEWEST, OLDER, contact("c2", merged_into_contact_id="c3"), contact("c3", None)],
            [],
            "c3",
        ),
        # The newest link counts, be it of `identities` or of another's older row.
        ([NEWEST, OLDER, contact("c2", BOB)], [link("email", ANN, "c2", "2025-05-31")], "c1"),
        ([NEWEST, OLDER, contact("c2", BOB)], [link("email", ANN, "c2", "2025-06-02")], "c2"),
        ([NEWEST, OLDER, contact("c2", BOB)], [link("email", ANN, "c2")], "c1"),
        (
            [NEWEST, contact("c1"), contact("c2", BOB)],
            [link("email", ANN, "c2", "1970-01-01")],
            "c2",
        ),
        (
            [
                *(NEWEST, OLDER),
                contact("c2", ANN, updated_at="2025-07-01"),
                contact("c2", BOB, updated_at="2025-07-02"),
            ],
            [],
            "c2",
        ),
        # Ties go to the smallest contact id.
        ([NEWEST, OLDER, contact("c2", BOB)], [link("email", ANN, "c2", "2025-06-01")], "c1"),
        ([NEWEST, OLDER, contact("b", BOB)], [link("email", ANN, "b", "2025-06-01")], "b"),
        # Only links before as-of count, though the row that counts may be of the future.
        ([NEWEST | {"updated_at": ago(days=-9)}, OLDER | {"updated_at": ago()}], [], None),
        ([NEWEST | {"updated_at": ago(days=-9)}, OLDER | {"updated_at": ago(seconds=1)}], [], "c1"),
        # Of two newest rows one counts, and the other is not the contact's newest.
        ([NEWEST | {"email_address": "a@x.io"}, OLDER | {"updated_at": "2026-01-03"}], [], "c1"),
        # Merges are followed after the link is chosen.
        ([NEWEST | {"merged_into_contact_id": "c2"}, OLDER, contact("c2", BOB)], [], "c2"),
    ],
)
def test_an_old_address(contacts: list[CSV], identities: list[CSV], expected: str | None) -> None:
    """§4: else the newest link among `identities` and older rows of contacts."""
    assert owner(contacts=contacts, identities=identities, email_events=OPEN) == expected


def test_an_unsubscribe_of_an_old_address() -> None:
    """§4: older rows of contacts link; §6: an unsubscribe is of the contact."""
    marts = build(
        as_of=NEW_YEAR,
        contacts=[
            contact("N1", "new1@x.example", updated_at="2026-01-02"),
            contact("N1", "old1@x.example", updated_at="2025-06-01"),
        ],
        email_events=[email("u1", "unsubscribe", "2025-07-01", "old1@x.example")],
        disqualifications=[disqualify("email_unsubscribe", cleared_by="email_resubscribe")],
    )
    assert [row["status"] for row in marts["contact_scores"]] == ["disqualified"]


TABLET = [
    view(f"f{number}", f"2026-01-05T10:0{number}:00", "tablet-1", event_type="form_submission")
    | {"email_address": f"k{number}@x.example"}
    for number in range(1, 6)
]
FAIR = [contact(f"k{number}", f"k{number}@x.example") for number in range(1, 6)]


@pytest.mark.parametrize("granted", ["true", "false"])
def test_a_shared_tablet(granted: str) -> None:
    """§4: a web event with a contact's address is that contact's; views go to the newest link.

    The visitor's consent still decides whether any of it counts.
    """
    marts = build(
        as_of=NEW_YEAR,
        contacts=FAIR,
        web_events=[
            *TABLET,
            view("w1", "2026-01-05T09:00:00", "tablet-1"),
            view("w2", "2026-01-05T11:00:00", "tablet-1", email_address="nobody@x.example"),
        ],
        consents=[consent("tablet-1", granted, "2026-01-05")],
        rules=[rule("form_submission"), rule("page_view", "10")],
    )
    ones = {"k1": 1, "k2": 1, "k3": 1, "k4": 1, "k5": 21}
    assert scores(marts) == (ones if granted == "true" else dict.fromkeys(ones, 0))


def test_a_typed_in_address_of_a_machine_or_after_a_newer_link() -> None:
    """§4: whoever else uses the visitor: the row is the contact's, though it links nobody."""
    marts = build(
        contacts=[contact("c1"), contact("c2", BOB)],
        web_events=[
            view("w1", ago(days=3), email_address=" ANN@x.io", user_agent="bot"),
            view("w2", ago(days=2), email_address=BOB),
            view("w3", ago(days=1)),
            view("w4", ago(days=1), "v2", email_address=ANN),
        ],
        identities=[link("visitor", "v2", "c2", ago(hours=1))],
        consents=[consent(), consent("v2")],
        agents=[{"pattern": "bot", "description": None}],
    )
    assert ledger(marts, "contact_id") == {"w1": "c1", "w2": "c2", "w3": "c2", "w4": "c1"}
    assert scores(marts) == {"c1": 1, "c2": 2}


def test_events_of_nobody_are_kept_unscored() -> None:
    """§4: events of actors that belong to nobody are kept, unscored."""
    marts = build(activities=[activity("a1", "call", ago(days=1), "c9")])
    (row,) = marts["points_ledger"]
    assert (row["contact_id"], row["earns"], row["points"]) == (None, False, 0)
    assert status(marts, "activities") == (1, 1, 0, 0, 0)


def test_erasure() -> None:
    """§4: the deleted, those merged into it, and every event row that is its."""
    raw = {
        "contacts": [
            contact("c1", merged_into_contact_id="c2"),
            contact("c2", BOB, deleted_at="2099-01-01"),
            contact("c3", "cyd@x.io"),
        ],
        "email_events": [
            email("e1", "open", ago(days=1)),
            email("e1", "open", ago(days=1)),
            email("", "open", ago(days=1), BOB),
            email("e2", "open", ago(days=1), "cyd@x.io"),
        ],
        "web_events": [
            view("w1", ago(days=1)),
            view("w2", ago(days=3), "v2", email_address=ANN),
            view("w3", ago(days=2), "v2", email_address="cyd@x.io"),
            view("", ago(days=2), "v2", email_address=ANN),
        ],
        "activities": [activity("a1", "call", ago(days=-1)), activity("a2", "!", "", "c2")],
        "identities": [link("visitor", "v1", "c1")],
        "list_memberships": [member("l1", "c1"), member("l1", "c3")],
    }
    marts = build(**raw, require_consent=False)
    assert status(marts, "email_events") == (4, 1, 0, 0, 3)
    assert status(marts, "web_events") == (4, 1, 0, 0, 3)
    assert status(marts, "activities") == (2, 0, 0, 0, 2)
    for gone in ("'c1'", "'c2'", ANN, BOB, "'e1'", "'w1'", "'a1'", "'v1'"):
        assert gone not in repr(marts)
    assert scores(marts) == {"c3": 2}
    assert erased_contacts(raw) == {"c1", "c2"}


def test_erasure_of_old_addresses_and_of_shared_visitors() -> None:
    """§4: every event row that is its by the rules above; a visitor id may stay in another's rows.

    The visitor is the deleted contact's by its newest link, so what names nobody else is erased.
    """
    marts = build(
        contacts=[
            contact("c1", ANN, updated_at="2025-01-01"),
            contact("c1", "ann.new@x.io", updated_at="2026-01-01", deleted_at="2026-01-02"),
            contact("c2", BOB),
        ],
        email_events=[email("e1", "click", ago(days=9))],
        web_events=[
            view("w1", ago(days=5), email_address=BOB, email_click_event_id="e1"),
            view("w2", ago(days=4), email_address=ANN),
            view("w3", ago(days=3), email_address="who@x.io"),
            view("w4", ago(days=2)),
            view("w5", "never", "", email_address=ANN),
            view("w6", "never", "", email_address=BOB),
        ],
        consents=[consent()],
    )
    assert status(marts, "email_events") == (1, 0, 0, 0, 1)
    assert status(marts, "web_events") == (6, 1, 0, 1, 4)
    assert ledger(marts, "contact_id") == {"w1": "c2"}
    assert [row["event_id"] for row in marts["rejected_events"]] == ["w6"]
    assert scores(marts) == {"c2": 1}
    for gone in ("'c1'", ANN, "ann.new@x.io", "who@x.io", "'e1'", "'w2'", "'w5'"):
        assert gone not in repr(marts)


def test_an_erased_visitor_until_a_newer_link() -> None:
    """§4: later rows of that visitor are erased too, but for those with a living one's address."""
    people = [contact("c1", deleted_at="2020-01-01"), contact("c2", BOB)]
    rows = [view("w1", ago(days=9), email_address=ANN), view("w2", ago(days=8))]
    erasures = Erasures()
    for arriving, expected in (
        ([], (2, 0, 0, 0, 2)),
        ([view("w3", ago(days=10), email_address=BOB), view("w4", ago(days=7))], (4, 1, 0, 0, 3)),
        ([view("w5", ago(days=6), email_address=BOB), view("w6", ago(days=5))], (6, 3, 0, 0, 3)),
    ):
        rows += arriving
        marts = build(contacts=people, web_events=rows, erasures=erasures, consents=[consent()])
        assert status(marts, "web_events") == expected
    assert ledger(marts, "contact_id") == {"w3": "c2", "w5": "c2", "w6": "c2"}


def test_copies_are_erased_by_their_own_actor() -> None:
    """§4: decided after duplicates and links are known: the later copy does not take over."""
    marts = build(
        contacts=[contact("c1", deleted_at="2020-01-01"), contact("c2", BOB)],
        email_events=[
            email("e1", "open", ago(days=2), ANN),
            email("e1", "open", ago(days=1), BOB),
        ],
    )
    assert status(marts, "email_events") == (2, 0, 1, 0, 1)
    assert scores(marts) == {"c2": 0}


def test_erasure_is_final() -> None:
    """§4: an incremental build does not bring a row back; a full refresh asks again.

    A copy of its id that comes in later is a duplicate, though it was received before it.
    """
    erasures = Erasures()
    rows = [email("e1", "open", ago(days=2))]
    gone = [contact("c1", updated_at="2026-01-01", deleted_at="2026-01-01")]
    back = [*gone, contact("c1", updated_at="2026-01-02")]
    marts = build(contacts=gone, email_events=rows, erasures=erasures)
    assert status(marts, "email_events") == (1, 0, 0, 0, 1)
    rows += [email("e1", "open", ago(days=400)), email("e2", "open", ago(days=1))]
    marts = build(contacts=back, email_events=rows, erasures=erasures)
    assert status(marts, "email_events") == (3, 1, 1, 0, 1)
    assert scores(marts) == {"c1": 1}
    refreshed = build(contacts=back, email_events=rows)
    assert status(refreshed, "email_events") == (3, 2, 1, 0, 0)


# §5 Points ----------------------------------------------------------------------------------


def test_order_and_time_of_arrival_do_not_matter() -> None:
    """§5: in any order of arrival and however late, the result is that of a full refresh.

    Three builds, each over one more row; the second is a year late and the first copy of `e1`.
    """
    arrivals = [
        email("e1", "open", ago(days=1), message_id="m1"),
        email("e1", "click", ago(days=366), message_id="m1"),
        email("e2", "open", ago(days=1), message_id="m1", received_at=ago(hours=1)),
    ]
    erasures = Erasures()
    found = [
        scores(build(email_events=arrivals[:number], erasures=erasures)) for number in (1, 2, 3)
    ]
    assert found == [{"c1": 1}, {"c1": 0}, {"c1": 1}]
    for order in permutations(arrivals):
        assert scores(build(email_events=[*order])) == {"c1": 1}


def test_decay_counts_from_the_start_of_the_period() -> None:
    """§5: age = (as_of - start of its period) / 24 h; rounded to 6 places, a driver to 2.

    04-01 11:59:59 is 0.5 days old: 8 x 0.5^0.5 = 5.65685424...; 03-31 23:59:59 is 1 day old: 4.
    """
    rows = [email("e1", "open", ago(seconds=1)), email("e2", "open", "2026-03-31T23:59:59")]
    marts = build(email_events=rows, rules=[rule("email_open", "8", half_life_days="1")])
    assert ledger(marts, "points") == {"e1": Decimal("5.656854"), "e2": 4}
    assert scores(marts) == {"c1": Decimal("9.66")}


@pytest.mark.parametrize(
    ("at", "earns"),
    [("2026-03-30T12:00:00", True), ("2026-03-30T11:59:59", False)],
)
def test_expiry(at: str, earns: bool) -> None:
    """§5: it counts for `expires_after_days` E while age <= E: the periods 2 and 2.5 days old."""
    rules = [rule("email_open", "8", expires_after_days="2", half_life_days="2")]
    marts = build(email_events=[email("e1", "open", at)], rules=rules)
    assert ledger(marts, "earns") == {"e1": earns}
    assert ledger(marts, "points") == {"e1": 4 if earns else 0}
    assert marts["contact_scores"][0]["status"] == ("active" if earns else "inactive")


@pytest.mark.parametrize(
    ("points", "times", "cap", "driver"),
    [
        ("3", 3, "", (3, Decimal("9.00"), Decimal("0.00"))),
        ("3", 3, "7.5", (3, Decimal("7.50"), Decimal("1.50"))),
        ("-3", 3, "7.5", (3, Decimal("-7.50"), Decimal("-1.50"))),
        ("3", 2, "6", (2, Decimal("6.00"), Decimal("0.00"))),
        ("0.005", 1, "", (1, Decimal("0.01"), Decimal("0.00"))),
        ("-0.005", 1, "", (1, Decimal("-0.01"), Decimal("0.00"))),
        ("0.0000005", 5000, "", (5000, Decimal("0.01"), Decimal("0.00"))),
        ("0", 1, "", (1, Decimal("0.00"), Decimal("0.00"))),
        ("1", 1, "0.995", (1, Decimal("1.00"), Decimal("0.01"))),
    ],
)
def test_caps_and_rounding(
    points: str, times: int, cap: str, driver: tuple[int, Decimal, Decimal]
) -> None:
    """§5: cut at +-max_points, then rounded to 2, half away from zero; what was lost is signed."""
    rows = [activity(f"a{number}", "call", ago(hours=1)) for number in range(times)]
    marts = build(activities=rows, rules=[rule("call", points, max_points=cap)], windows=(1,))
    assert drivers(marts, 1) == {"call": driver}


def test_the_cap_is_per_window() -> None:
    """§5: the cap on what the rule adds for one contact in any one window."""
    rows = [activity("a1", "call", ago(days=1)), activity("a2", "call", ago(days=2))]
    marts = build(activities=rows, rules=[rule("call", "3", max_points="4")])
    assert (scores(marts, 1), scores(marts, 7)) == ({"c1": 3}, {"c1": 4})


@pytest.mark.parametrize(
    ("operator", "value", "url", "found"),
    [
        ("equals", "/a", "/a", True),
        ("equals", "/a", "/a ", False),
        ("starts_with", "/50%_'", "/50%_'off", True),
        ("starts_with", "/50%_'", "/50xx'off", False),
        ("starts_with", "/Pri", "/pricing", False),
        ("contains", "Pri", "/Pricing", True),
        ("contains", "Pri", "/pricing", False),
        ("contains", ".*", "/x", False),
        ("contains", "/", "", False),
    ],
)
def test_filters_are_case_sensitive_and_literal(
    operator: str, value: str, url: str, found: bool
) -> None:
    """§5: an optional filter ... case-sensitive, taken literally."""
    filtered = {"match_field": "page_url", "match_operator": operator, "match_value": value}
    marts = build(
        web_events=[view("w1", ago(days=1), page_url=url)],
        rules=[rule("page_view", "1", **filtered)],
    )
    assert len(marts["points_ledger"]) == int(found)


def test_an_engagement_earns_from_each_rule_that_it_matches() -> None:
    """§5: `valid_from <= occurred_at < valid_to`; it earns from each rule that it matches."""
    at = "2026-03-31T00:00:00"
    rules = [
        rule("call", "1") | {"rule_id": "open"},
        rule("call", "2", valid_from=at) | {"rule_id": "from"},
        rule("call", "4", valid_to=at) | {"rule_id": "to"},
        rule("call", "8", score_name="fit") | {"rule_id": "other"},
    ]
    marts = build(activities=[activity("a1", "call", at)], rules=rules)
    found = {row["score_name"]: row["score_90d"] for row in marts["contact_scores"]}
    assert found == {"engagement": 3, "fit": 8}


# §6 Disqualification ------------------------------------------------------------------------


def evidence(rows: list[CSV], *rules: CSV, **raw: Any) -> list[tuple[str, int, str]]:
    marts = build(email_events=rows, disqualifications=list(rules), **raw)
    found = marts["disqualified_contacts"]
    return [(row["event_type"], row["occurrences"], row["last_event_id"]) for row in found]


SOFT = disqualify("email_soft_bounce", "2", "current_address", "email_delivered")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([email("b1", "soft_bounce", ago(days=400))], []),
        (
            [email("b1", "soft_bounce", ago(days=400)), email("b2", "soft_bounce", ago(days=1))],
            [("email_soft_bounce", 2, "b2")],
        ),
        # A clearing event clears what is strictly earlier: a bounce of the same instant stands.
        (
            [
                email("b0", "soft_bounce", ago(days=5, seconds=1)),
                email("b1", "soft_bounce", ago(days=5)),
                email("b2", "soft_bounce", ago(days=5)),
                email("d1", "delivered", ago(days=5)),
            ],
            [("email_soft_bounce", 2, "b2")],
        ),
        (
            [
                email("b1", "soft_bounce", ago(days=5)),
                email("b2", "soft_bounce", ago(days=5)),
                email("d1", "delivered", ago(days=5, seconds=-1)),
            ],
            [],
        ),
        # Not a machine's; and on both sides only the current address and what is before as-of.
        (
            [
                email("b1", "soft_bounce", ago(days=5), is_machine="1"),
                email("b2", "soft_bounce", ago(days=5)),
                email("d1", "delivered", ago(days=4), is_machine="1"),
                email("d2", "delivered", ago(days=4), "old@x.io"),
                email("d3", "delivered", ago()),
                email("b3", "soft_bounce", ago()),
                email("b4", "soft_bounce", ago(days=1), "old@x.io"),
            ],
            [("email_soft_bounce", 2, "b2")],
        ),
    ],
)
def test_thresholds_and_clears(rows: list[CSV], expected: list[tuple[str, int, str]]) -> None:
    """§6: at least `min_occurrences` stand at or after the last `cleared_by` event."""
    assert evidence(rows, SOFT, identities=[link("email", "old@x.io", "c1")]) == expected


FIVE = disqualify(
    "email_soft_bounce",
    "5",
    "current_address",
    "email_delivered email_open email_click email_reply",
)


def bounces(*messages: str | None) -> list[CSV]:
    """Soft bounces an hour apart."""
    return [
        email(f"b{number}", "soft_bounce", f"2026-01-05T0{number}:00:00") | {"message_id": message}
        for number, message in enumerate(messages, 1)
    ]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (bounces("m1", "m1", "m1", "m1", "m1"), []),
        (bounces("m1", "m2", "m3", "m4", "m5"), [("email_soft_bounce", 5, "b5")]),
        ([*bounces("m1", "m2", "m3", "m4", "m5"), email("o1", "open", "2026-01-05T04:30:00")], []),
        # Without a message each is an occurrence; a retry that comes last is not the last of them.
        (bounces(None, None, None, "", ""), [("email_soft_bounce", 5, "b5")]),
        (bounces("m1", "m2", "m3", "m4", "m5", "m1"), [("email_soft_bounce", 5, "b5")]),
        # A retry of a message that failed before what clears is an occurrence of its own.
        (
            [
                *bounces("m1", "m1", "m1", "m2", "m3", "m4", "m5"),
                email("c1", "click", "2026-01-05T01:30:00", message_id="m0"),
            ],
            [("email_soft_bounce", 5, "b7")],
        ),
        # Each of the types clears, but not a machine's.
        (
            [
                *bounces("m1", "m2", "m3", "m4", "m5"),
                email("c1", "click", "2026-01-05T04:30:00", is_machine="1"),
            ],
            [("email_soft_bounce", 5, "b5")],
        ),
        ([*bounces("m1", "m2", "m3", "m4", "m5"), email("r1", "reply", "2026-01-06")], []),
        ([*bounces("m1", "m2", "m3", "m4", "m5"), email("d1", "delivered", "2026-01-06")], []),
        (
            [*bounces("m1", "m2", "m3", "m4", "m5"), email("s1", "sent", "2026-01-06")],
            [("email_soft_bounce", 5, "b5")],
        ),
    ],
)
def test_retries_of_one_message_are_one_failure(
    rows: list[CSV], expected: list[tuple[str, int, str]]
) -> None:
    """§6: with the same source, actor and message_id only the earliest is an occurrence."""
    assert evidence(rows, FIVE, as_of=NEW_YEAR) == expected


def test_one_message_to_two_addresses_fails_twice() -> None:
    """§6: the same source, actor and `message_id`; at the time of the second occurrence."""
    marts = build(
        email_events=[
            email("b1", "soft_bounce", ago(days=3), message_id="m1"),
            email("b2", "soft_bounce", ago(days=2), message_id="m1"),
            email("b3", "soft_bounce", ago(days=1), "old@x.io", message_id="m1"),
        ],
        identities=[link("email", "old@x.io", "c1")],
        disqualifications=[disqualify("email_soft_bounce", "2")],
    )
    (row,) = marts["disqualified_contacts"]
    assert (row["occurrences"], row["last_event_id"]) == (2, "b3")
    assert row["disqualified_at"] == AS_OF - timedelta(days=1)


def test_disqualified_at_is_when_the_threshold_was_reached() -> None:
    """§6: the time of the `min_occurrences`-th of them by (occurred_at, event_id)."""
    marts = build(
        email_events=[
            email("b3", "soft_bounce", ago(days=1)),
            email("b1", "soft_bounce", ago(days=3), received_at=ago(hours=1)),
            email("b2", "soft_bounce", ago(days=2)),
        ],
        disqualifications=[SOFT],
    )
    (row,) = marts["disqualified_contacts"]
    assert row["disqualified_at"] == AS_OF - timedelta(days=2)
    assert (row["occurrences"], row["last_event_id"]) == (3, "b3")


def test_the_disqualified_score_nothing_and_keep_their_drivers() -> None:
    """§6: score 0 in every window, in no active list; §7: what they would have is kept."""
    marts = build(
        contacts=[contact("c1"), contact("c2", BOB)],
        email_events=[
            email("e1", "open", ago(days=2)),
            email("u1", "unsubscribe", ago(days=1), is_machine="true"),
        ],
        activities=[activity("a1", "sales_rejected", ago(days=1))],
        disqualifications=[disqualify("email_unsubscribe"), disqualify("sales_rejected")],
        bands=[band("cold", "0", "true")],
        list_memberships=[member("l1", "c1"), member("l1", "c2")],
    )
    one, two = marts["contact_scores"]
    assert (one["status"], one["score_90d"], one["band"]) == ("disqualified", 0, None)
    assert one["last_engaged_at"] == AS_OF - timedelta(days=2)
    assert (two["status"], two["score_90d"], two["band"]) == ("inactive", 0, "cold")
    assert (one["is_sales_ready"], two["is_sales_ready"]) == (False, True)
    assert marts["active_contacts"] == []
    assert [row["forfeited_score_90d"] for row in marts["disqualified_contacts"]] == [1, 1]
    assert drivers(marts) == {"email_open": (1, 1, 0)}
    assert all(row["is_disqualified"] for row in marts["score_drivers"])
    assert ledger(marts, "earns") == {"e1": True}
    listed = [row for row in marts["contact_list_scores"] if row["window_days"] == 90]
    assert {(row["contact_id"], row["score_rank"], row["is_disqualified"]) for row in listed} == {
        ("c1", None, True),
        ("c2", 1, False),
    }


# §7 The marts -------------------------------------------------------------------------------


def test_ranks_leave_gaps() -> None:
    """§7: `rank()`: 1, 1, 3, per score name and window."""
    people = [contact(one, None) for one in ("c1", "c2", "c3", "c4")]
    calls = [("a1", "c1"), ("a2", "c1"), ("a3", "c2"), ("a4", "c2"), ("a5", "c3")]
    rows = [activity(event_id, "call", ago(days=2), who) for event_id, who in calls]
    marts = build(contacts=people, activities=rows, windows=(1, 2))
    found = [(row["contact_id"], row["score_rank"]) for row in marts["active_contacts"]]
    assert found == [("c1", 1), ("c2", 1), ("c3", 3)]
    assert [row["times_earned"] for row in marts["active_contacts"]] == [2, 2, 1]


@pytest.mark.parametrize(
    ("points", "expected"),
    [("1.994", None), ("1.995", "warm"), ("5", "hot"), ("10", "hotter"), ("-1", None)],
)
def test_bands_use_the_rounded_score_of_their_window(points: str, expected: str | None) -> None:
    """§7: the highest whose min_score is reached, of the band window, whatever a row is for."""
    marts = build(
        activities=[
            activity("a1", "call", ago(days=30)),
            activity("a2", "call", ago(days=30, seconds=1)),
        ],
        rules=[rule("call", points)],
        bands=BANDS,
    )
    assert marts["contact_scores"][0]["band"] == expected
    assert marts["contact_scores"][0]["is_sales_ready"] == (expected in ("hot", "hotter"))
    assert {row["band"] for row in marts["active_contacts"]} == {expected}


@pytest.mark.parametrize(
    ("memberships", "present"),
    [
        ([member("l1", "c1")], True),
        ([member("l1", "c1", added_at=ago())], True),
        ([member("l1", "c1", added_at=ago(seconds=-1))], False),
        ([member("l1", "c1", removed_at=ago())], False),
        ([member("l1", "c1", removed_at=ago(seconds=-1))], True),
        ([member("l1", "c1", removed_at=ago(days=1)), member("l1", "old")], True),
        ([member("l1", "gone"), member("", "c1")], False),
    ],
)
def test_present_members(memberships: list[CSV], present: bool) -> None:
    """§7: `added_at <= as_of` (or null) and `removed_at` null or after; they follow merges."""
    marts = build(
        contacts=[contact("c1"), contact("old", None, merged_into_contact_id="c1")],
        activities=[],
        list_memberships=memberships,
        windows=(30,),
    )
    found = [(row["contact_id"], row["score"]) for row in marts["contact_list_scores"]]
    assert found == ([("c1", 0)] if present else [])


def test_names_and_ranks_of_lists() -> None:
    """§7: a list that `lists` does not name has a null name; ranks are within the list."""
    marts = build(
        contacts=[contact("c1", None), contact("c2", None)],
        activities=[activity("a1", "call", ago(days=1), "c2")],
        lists=[{"list_id": "l1", "list_name": "B"}, {"list_id": "l1", "list_name": "A"}],
        list_memberships=[member("l1", "c1"), member("l1", "c2"), member("l2", "c1")],
        windows=(1,),
    )
    columns = ("list_id", "list_name", "contact_id", "score", "score_rank")
    assert {tuple(row[column] for column in columns) for row in marts["contact_list_scores"]} == {
        ("l1", "A", "c1", 0, 2),
        ("l1", "A", "c2", 1, 1),
        ("l2", None, "c1", 0, 1),
    }


def test_the_ledger_reaches_back_90_days() -> None:
    """§7: `points_ledger` reaches back 90 days; a rule's `last_matched_at` is not so bounded."""
    rows = [activity("a1", "call", ago(days=90)), activity("a2", "demo", ago(days=90, seconds=1))]
    marts = build(activities=rows, rules=[rule("call"), rule("demo"), rule("never")])
    assert ledger(marts, "rule_id") == {"a1": "call"}
    assert [row["last_matched_at"] for row in marts["rule_performance"]] == [
        AS_OF - timedelta(days=90),
        AS_OF - timedelta(days=90, seconds=1),
        None,
    ]


def test_rule_performance() -> None:
    """§7: times and contacts in 90 days; the points before caps, the disqualified left out."""
    marts = build(
        contacts=[contact("c1", None), contact("c2", None)],
        activities=[
            activity("a1", "call", ago(days=1), "c1"),
            activity("a2", "call", ago(days=2), "c1"),
            activity("a3", "call", ago(days=3), "c2"),
            activity("a4", "lost", ago(days=3), "c2"),
        ],
        rules=[rule("call", "3", max_points="4")],
        disqualifications=[disqualify("lost")],
    )
    (row,) = marts["rule_performance"]
    assert (row["times_earned_90d"], row["contacts_90d"], row["points_90d"]) == (3, 2, 6)
    assert scores(marts) == {"c1": 4, "c2": 0}


def test_the_drivers_add_up_to_the_score() -> None:
    """§7: identities that always hold: here 0.01 + 0.01, though the exact sum rounds to 0.01."""
    rows = [activity("a1", "call", ago(days=1)), activity("a2", "demo", ago(days=1))]
    marts = build(activities=rows, rules=[rule("call", "0.005"), rule("demo", "0.005")])
    assert scores(marts, 30) == {"c1": Decimal("0.02")}
    active = {row["window_days"]: row["score"] for row in marts["active_contacts"]}
    assert active[30] == Decimal("0.02")


# §7 The marts that remember -----------------------------------------------------------------


def say(band: str | None, points: str, who: str = "c1", status: str = "active") -> dict[str, Any]:
    return {
        "contact_id": who,
        "score_name": "engagement",
        "owner": "olga",
        "phone": "1",
        "status": status,
        "band": band,
        "is_sales_ready": band in ("hot", "hotter"),
        "score_30d": Decimal(points),
    }


def day(number: int) -> datetime:
    return datetime(2026, 4, number)


def remember(*builds: tuple[int, list[dict[str, Any]]]) -> Memory:
    memory = Memory()
    for number, rows in builds:
        memory.build(day(number), rows, BANDS)
    return memory


def spans(memory: Memory) -> list[tuple[Any, ...]]:
    columns = ("contact_id", "band", "score_30d", "valid_from", "valid_to")
    return [tuple(row[column] for column in columns) for row in memory.score_history()]


def handed_off(memory: Memory) -> list[tuple[Any, ...]]:
    columns = ("contact_id", "band", "score", "handed_off_at", "previous_band")
    return [tuple(row[column] for column in columns) for row in memory.sales_handoffs()]


def test_history_opens_a_span_only_where_something_changed() -> None:
    """§7: a build at a newer as-of closes and opens spans where status, band or score changed."""
    memory = remember((1, [say("warm", "2")]), (2, [say("warm", "2")]), (3, [say("warm", "3")]))
    assert spans(memory) == [("c1", "warm", 2, day(1), day(3)), ("c1", "warm", 3, day(3), None)]


def test_a_rebuild_replaces_and_a_replay_does_nothing() -> None:
    """§7: one at the newest as-of again replaces that as-of's rows; a replay leaves history."""
    first = (1, [say("warm", "2")])
    memory = remember(
        first, (3, [say("hot", "5")]), (3, [say("warm", "2")]), (2, [say("hot", "6")])
    )
    assert spans(memory) == [("c1", "warm", 2, day(1), None)]
    assert handed_off(memory) == []


def test_handoffs_are_entries_from_outside() -> None:
    """§7: the first build and re-entries included, hot to hotter not; past ones stay."""
    memory = remember(
        (1, [say("hot", "5")]),
        (2, [say("hotter", "10")]),
        (3, [say("warm", "2")]),
        (4, [say("hotter", "11")]),
        (5, [say(None, "0", status="disqualified")]),
        (6, [say("hot", "6")]),
    )
    assert handed_off(memory) == [
        ("c1", "hot", 5, day(1), None),
        ("c1", "hotter", 11, day(4), "warm"),
        ("c1", "hot", 6, day(6), None),
    ]


def test_the_merged_away_end_and_the_erased_are_forgotten() -> None:
    """§4: none of their ids is left in any table; §7: past hand-offs stay."""
    memory = remember((1, [say("hot", "5"), say("hot", "6", "c2")]), (2, []))
    assert spans(memory) == [("c1", "hot", 5, day(1), day(2)), ("c2", "hot", 6, day(1), day(2))]
    memory.build(day(3), [], BANDS, erased={"c1"})
    assert spans(memory) == [("c2", "hot", 6, day(1), day(2))]
    assert handed_off(memory) == [("c2", "hot", 6, day(1), None)]


def test_a_replay_forgets_the_erased_and_nothing_else() -> None:
    """§4: erased is erased, whatever as-of is built; who comes back begins anew."""
    memory = remember((2, [say("hot", "5"), say("hot", "6", "c2")]))
    memory.build(day(1), [say("hot", "7", "c2")], BANDS, erased={"c1"})
    assert spans(memory) == [("c2", "hot", 6, day(2), None)]
    memory.build(day(3), [say("hot", "5"), say("hot", "6", "c2")], BANDS)
    assert handed_off(memory) == [
        ("c2", "hot", 6, day(2), None),
        ("c1", "hot", 5, day(3), None),
    ]


def test_a_band_is_as_ready_as_it_was_at_its_build() -> None:
    """§7: an entry from outside the sales-ready bands, also where only the bands changed."""
    memory = remember((1, [say("warm", "2")]))
    memory.build(day(2), [say("warm", "2") | {"is_sales_ready": True}], BANDS)
    memory.build(day(3), [say("warm", "2")], BANDS)
    memory.build(day(4), [say("hot", "5")], BANDS)
    assert handed_off(memory) == [
        ("c1", "warm", 2, day(2), "warm"),
        ("c1", "hot", 5, day(4), "warm"),
    ]


def test_a_band_window_that_contact_scores_has_no_column_for() -> None:
    """§7: a hand-off's score is that of the band window, here 45 days."""
    bands = [band("hot", "2", "true", window="45")]
    calls = [activity("a1", "call", ago(days=1)), activity("a2", "call", ago(days=45))]
    marts = build(activities=calls, bands=bands, windows=(45,))
    memory = Memory()
    memory.build(AS_OF, marts["contact_scores"], bands, marts["active_contacts"])
    assert handed_off(memory) == [("c1", "hot", 2, AS_OF, None)]
