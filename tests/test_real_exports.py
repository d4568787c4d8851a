"""What real exports brought to light: each fault as it was reported, and others of its kind.

One input and one build. Each person of it has an address or an id of their own, so that no case
touches another.
"""

import re
from dataclasses import dataclass, field

import pytest
from conftest import CLASSIC_RULES, Project, Rows, copy_project, write_csv

# their export is built once
pytestmark = pytest.mark.xdist_group("real exports")

AS_OF = "2026-01-10 00:00:00"
RULES = CLASSIC_RULES + "form,,form_submission,,,,1,,,,,,,\n"


@dataclass
class Input:
    """The raw tables."""

    tables: dict[str, Rows] = field(default_factory=dict)

    def add(self, table: str, **row: str) -> None:
        self.tables.setdefault(table, []).append(row)

    def contact(self, contact_id: str, address: str | None = None, **more: str) -> None:
        address = address or f"{contact_id}@x.example"
        self.add("contacts", contact_id=contact_id, email_address=address, **more)

    def visitor(self, visitor: str, contact: str, linked_at: str = "2025-01-01") -> None:
        self.add(
            *("identities",),
            identity_type="visitor",
            identity_value=visitor,
            contact_id=contact,
            linked_at=linked_at,
        )

    def consent(self, visitor: str, is_granted: bool, decided_at: str = "2025-01-01") -> None:
        granted = str(is_granted).lower()
        self.add("consents", visitor_id=visitor, is_granted=granted, decided_at=decided_at)

    def event(self, table: str, kind: str, occurred_at: str, **more: str) -> None:
        given = {"event_id": f"{table}-{len(self.tables.get(table, []))}"} | more
        self.add(table, event_type=kind, occurred_at=occurred_at, **given)

    def email(self, kind: str, occurred_at: str, person: str, **more: str) -> None:
        address = person if "@" in person else f"{person}@x.example"
        self.event("email_events", f"email_{kind}", occurred_at, email_address=address, **more)

    def web(self, kind: str, occurred_at: str, visitor: str, **more: str) -> None:
        self.event("web_events", kind, occurred_at, visitor_id=visitor, **more)


def times(raw: Input) -> None:
    """A time that ends in ` UTC` is one, in every column."""
    for contact, *decisions in [
        ("refused", (True, "2025-12-01T10:00:00Z"), (False, "2025-12-20 10:00:00 UTC")),
        ("granted", (False, "2025-12-01 10:00:00 UTC"), (True, "2025-12-20T10:00Z")),
        ("by-half-a-second", (False, "2025-12-20 10:00 UTC"), (True, "2025-12-20 10:00:00.5 UTC")),
        ("by-offset", (False, "2025-12-20 12:00:00+02:00"), (True, "2025-12-20 10:30:00 UTC")),
    ]:
        raw.contact(contact)
        raw.visitor(contact, contact)
        for is_granted, decided_at in decisions:
            raw.consent(contact, is_granted, decided_at)
        raw.web("page_view", "2026-01-05", contact)

    raw.add("lists", list_id="fair", list_name="The fair")
    for contact, removed_at in [
        ("on-the-list", ""),
        ("taken-off", "2025-12-20 10:00:00 UTC"),
        ("to-be-taken-off", "2026-02-01 00:00:00 UTC"),
    ]:
        raw.contact(contact)
        raw.add("list_memberships", list_id="fair", contact_id=contact, removed_at=removed_at)

    raw.contact("renamed", full_name="Old", updated_at="2026-01-02T00:00:00Z")
    raw.contact("renamed", full_name="New", updated_at="2026-01-03 00:00:00 UTC")

    raw.contact("linked-first")
    raw.contact("linked-last")
    raw.visitor("passed-on", "linked-first", "2025-12-01T00:00:00Z")
    raw.visitor("passed-on", "linked-last", "2025-12-02 00:00:00 UTC")
    raw.consent("passed-on", True)
    raw.web("page_view", "2026-01-05", "passed-on")

    raw.contact("received-first")
    raw.contact("received-last")
    for contact, received_at in [
        ("received-first", "2026-01-05 10:00:00 UTC"),
        ("received-last", "2026-01-05T11:00:00Z"),
    ]:
        raw.email("open", "2026-01-05", contact, event_id="copied", received_at=received_at)


def typed_in_addresses(raw: Input) -> None:
    """A form belongs to the address typed into it, whoever else uses the visitor."""
    for number in range(1, 6):
        raw.contact(f"k{number}")
        raw.web(
            *("form_submission", f"2026-01-05 0{number}:00:00", "tablet-1"),
            email_address=f"K{number}@x.example",
        )
    raw.consent("tablet-1", True)
    # all three are the newest link's
    for hour in (0, 3, 9):
        raw.web("page_view", f"2026-01-05 0{hour}:30:00", "tablet-1")

    raw.contact("at-a-refusing-tablet")
    raw.consent("tablet-2", False)
    raw.web(
        "form_submission", "2026-01-05", "tablet-2", email_address="at-a-refusing-tablet@x.example"
    )

    raw.contact("owner-of-a-kiosk")
    raw.visitor("kiosk", "owner-of-a-kiosk")
    raw.consent("kiosk", True)
    raw.web("form_submission", "2026-01-05", "kiosk", email_address="nobody@x.example")

    raw.contact("survivor")
    raw.contact("merged-away", merged_into_contact_id="survivor")
    raw.contact("last-at-the-kiosk")
    raw.consent("tablet-3", True)
    raw.web(
        "form_submission", "2026-01-05 01:00", "tablet-3", email_address="merged-away@x.example"
    )
    raw.web(
        "form_submission",
        "2026-01-05 02:00",
        "tablet-3",
        email_address="last-at-the-kiosk@x.example",
    )


def old_addresses(raw: Input) -> None:
    """What an address did is its contact's after the contact got another one."""

    def moved(contact: str, *addresses: str) -> None:
        """The oldest address first."""
        for year, address in enumerate(addresses, 2026 - len(addresses)):
            raw.contact(contact, address, updated_at=f"{year}-06-01")

    moved("N1", "old1@x.example", "new1@x.example")
    raw.email("unsubscribe", "2025-07-01", "old1@x.example")
    # whose it is today
    moved("N2", "reused@x.example", "new2@x.example")
    raw.contact("N3", "reused@x.example")
    raw.email("unsubscribe", "2025-07-01", "reused@x.example")
    # an address that bounces is no fault of the next one
    moved("N4", "old4@x.example", "new4@x.example")
    raw.email("hard_bounce", "2025-07-01", "old4@x.example")
    # the one before the last
    moved("N5", "oldest5@x.example", "old5@x.example", "new5@x.example")
    raw.email("open", "2026-01-05", "oldest5@x.example")
    # a link says otherwise, and is newer
    moved("N6", "old6@x.example", "new6@x.example")
    raw.contact("N7")
    raw.add(
        "identities",
        **{"identity_type": "email", "identity_value": "old6@x.example", "contact_id": "N7"},
        linked_at="2025-12-01",
    )
    raw.email("open", "2026-01-05", "old6@x.example")


def tries_of_one_message(raw: Input) -> None:
    """A message that is refused five times is one refusal."""
    for contact, messages, cleared_by in [
        ("one-message", "aaaaa", None),
        ("five-messages", "abcde", None),
        ("four-and-tries-of-the-last", "abcddd", None),
        ("four-and-the-first-again", "abcda", None),
        ("without-a-message-id", "     ", None),
        ("cleared-by-an-open", "abcde", "open"),
        ("cleared-by-a-reply", "abcde", "reply"),
        ("not-cleared-by-sending", "abcde", "sent"),
    ]:
        raw.contact(contact)
        for number, message in enumerate(messages):
            if number == 4 and cleared_by:
                raw.email(cleared_by, "2026-01-05 03:30:00", contact, message_id="x")
            raw.email(
                *("soft_bounce", f"2026-01-05 0{number}:00:00", contact),
                message_id=message.strip() and f"{contact} {message}",
            )


def conflicting_ids(raw: Input) -> None:
    """Rows that share an id and nothing else."""
    for contact in ("c", "d", "e"):
        raw.contact(contact)
        raw.email("hard_bounce", "2026-01-05", contact, event_id="fb-1")
    # another type; a number of the campaign for an id
    raw.contact("another-type")
    raw.email("open", "2026-01-05 01:00", "another-type", event_id="7")
    raw.email("click", "2026-01-05 02:00", "another-type", event_id="7", link_url="a")
    # delivered again, with more in it: no conflict
    raw.contact("delivered-again")
    raw.email("open", "2026-01-05", "delivered-again", event_id="8")
    raw.email("open", "2026-01-05", "delivered-again", event_id="8", campaign_id="spring")
    # an id of another table: no conflict
    raw.contact("other-table")
    raw.add(
        "activities",
        event_id="8",
        event_type="call",
        occurred_at="2026-01-05",
        contact_id="other-table",
    )


def merges_into_nobody(raw: Input) -> None:
    for contact, merged_into in [
        ("1000", "1000"),
        ("1001", "nowhere"),
        ("1002", " 1000"),
        ("1003", "1000"),
    ]:
        raw.contact(contact, merged_into_contact_id=merged_into)
        raw.email("open", "2026-01-05", contact)


def invisible_characters(raw: Input) -> None:
    for contact, address, written in [
        ("bom", "\ufeffbom@z.example", "bom@z.example\u200b"),
        ("joiner", "joiner@z.example", "\u2060joiner@z.example"),
        ("non-joiner", "\u200cNon-Joiner@z.example ", "NON-JOINER@z.example\u200d"),
        # within an address it is part of it
        ("within", "wi\u200bthin@z.example", "within@z.example"),
    ]:
        raw.contact(contact, address)
        raw.email("open", "2026-01-05", written)
    raw.event(
        "email_events",
        "email_open",
        "2026-01-05",
        email_address="\u200b\ufeff",
        event_id="of-nobody",
    )


def fast_clicks(raw: Input) -> None:
    for contact, clicked_at, message in [
        ("after-2-seconds", "2026-01-05 04:19:02", "m"),
        ("after-5-seconds", "2026-01-05 04:19:05", "m"),
        ("after-7-seconds", "2026-01-05 04:19:07", "m"),
        ("at-once", "2026-01-05 04:19:00", "m"),
        ("before", "2026-01-05 04:18:59", "m"),
        ("of-another-message", "2026-01-05 04:19:02", "n"),
    ]:
        raw.contact(contact)
        raw.email("delivered", "2026-01-05 04:19:00", contact, message_id="m")
        # by the first delivery
        raw.email("delivered", "2026-01-05 04:19:05", contact, message_id="m")
        raw.email("click", clicked_at, contact, message_id=message, link_url="https://x.example")


@dataclass(frozen=True)
class Built:
    project: Project
    stdout: str
    points: dict[str, int]
    disqualified: dict[str, int]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    project = copy_project(tmp_path_factory.mktemp("exports"))
    project.write_config("scoring_rules", RULES)
    raw = Input()
    for fault in (
        *(times, typed_in_addresses, old_addresses, tries_of_one_message, conflicting_ids),
        *(merges_into_nobody, invisible_characters, fast_clicks),
    ):
        fault(raw)
    for table, rows in raw.tables.items():
        write_csv(project.path / "exports", table, rows)
    done = project.dbt(
        "build", "--exclude-resource-type", "unit_test", raw_files="exports", as_of=AS_OF
    )
    assert done.returncode == 0, done.stdout
    scores = project.query("select contact_id, score_90d from marts.contact_scores")
    disqualified = project.query("select contact_id, occurrences from marts.disqualified_contacts")
    return Built(project, done.stdout, {c: int(s) for c, s in scores}, dict(disqualified))


@pytest.mark.parametrize(
    ("contact", "points"),
    [
        ("refused", 0),
        ("granted", 1),
        ("by-half-a-second", 1),
        ("by-offset", 1),
        ("linked-first", 0),
        ("linked-last", 1),
        ("received-first", 1),
        ("received-last", 0),
        *[(f"k{number}", 1) for number in range(1, 5)],
        ("k5", 4),
        ("at-a-refusing-tablet", 0),
        ("owner-of-a-kiosk", 1),
        ("survivor", 1),
        ("last-at-the-kiosk", 1),
        ("N5", 1),
        ("N6", 0),
        ("N7", 1),
        ("another-type", 1),
        ("delivered-again", 1),
        ("1000", 2),
        ("1001", 1),
        ("1002", 1),
        ("bom", 1),
        ("joiner", 1),
        ("non-joiner", 1),
        ("within", 0),
        ("after-2-seconds", 0),
        ("after-5-seconds", 0),
        ("after-7-seconds", 1),
        ("at-once", 0),
        ("before", 1),
        ("of-another-message", 1),
    ],
)
def test_points_of(built: Built, contact: str, points: int):
    assert built.points[contact] == points


@pytest.mark.parametrize(
    ("contact", "occurrences"),
    [
        ("N1", 1),
        ("N2", None),
        ("N3", 1),
        ("N4", None),
        ("one-message", None),
        ("five-messages", 5),
        ("four-and-tries-of-the-last", None),
        ("four-and-the-first-again", None),
        ("without-a-message-id", 5),
        ("cleared-by-an-open", None),
        ("cleared-by-a-reply", None),
        ("not-cleared-by-sending", 5),
        ("c", 1),
        ("d", None),
        ("e", None),
    ],
)
def test_disqualified_is(built: Built, contact: str, occurrences: int | None):
    assert built.disqualified.get(contact) == occurrences


def test_fast_clicks_say_why_they_earn_nothing(built: Built):
    reasons = built.project.query(
        "select contact_id from marts.points_ledger where machine_reason = 'too_fast' order by all"
    )
    assert reasons == [("after-2-seconds",), ("after-5-seconds",), ("at-once",)]


def test_conflicting_ids_are_counted_and_warned_about(built: Built):
    counts = dict(
        built.project.query("select source, conflicting_duplicates from marts.scoring_status")
    )
    # two of fb-1, one of 7, and one of the id that came in for two people
    assert counts == {"email_events": 4, "web_events": 0, "activities": 0}
    assert re.findall(r"(\w+): (\d+) row\(s\) have the event_id of", built.stdout) == [
        ("email_events", "4")
    ]


def test_times_in_utc_decide_about_lists_and_names(built: Built):
    assert built.project.query(
        "select distinct contact_id from marts.contact_list_scores "
        "where list_id = 'fair' order by all"
    ) == [("on-the-list",), ("to-be-taken-off",)]
    assert built.project.query(
        "select distinct full_name from marts.contact_scores where contact_id = 'renamed'"
    ) == [("New",)]
    assert "cannot be read as a time" not in built.stdout


def test_an_address_of_invisible_characters_is_none(built: Built):
    assert built.project.query("select event_id, reason from marts.rejected_events") == [
        ("of-nobody", "missing_actor")
    ]


def test_a_merge_into_oneself_is_no_loop(built: Built):
    assert "1003" not in built.points
    assert "loop" not in built.stdout
