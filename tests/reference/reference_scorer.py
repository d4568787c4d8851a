"""SPEC.md read a second time: every mart of §7 in plain Python, slow and obvious.

It judges the SQL and shares no line with it. `score` gives the marts of one as-of; `Memory`, fed
the builds in the order they were made, gives the two marts that remember. It reads the whole raw
tables each time, so it does not matter to it when a row came in, or in which order: nor may it to
any sequence of builds (§5), but for those marts and for `Erasures`.

Where the page is silent, the reading taken is in the docstring of the function that takes it.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, TypeVar

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Mapping[str, str | None]]]
Actor = tuple[str, str]  # ("email", address), ("visitor", cookie) or ("contact", id)
Item = TypeVar("Item")

DAY = timedelta(days=1)
HALF_DAY = timedelta(hours=12)
ALL_WINDOWS = range(1, 91)
SCORE_WINDOWS = (1, 7, 14, 30, 60, 90)  # the score_*d columns of contact_scores
PERSON_COLUMNS = ("email_address", "full_name", "company_name", "phone", "owner")

COLUMNS = {  # §2, in its order
    "contacts": (
        "contact_id", "email_address", "full_name", "company_name", "job_title", "country",
        "phone", "owner", "account_id", "created_at", "updated_at", "merged_into_contact_id",
        "deleted_at",
    ),
    "identities": ("identity_type", "identity_value", "contact_id", "linked_at"),
    "email_events": (
        "event_id", "event_type", "occurred_at", "email_address", "contact_id", "received_at",
        "message_id",
        "campaign_id", "link_url", "user_agent", "is_machine",
    ),
    "web_events": (
        "event_id", "event_type", "occurred_at", "visitor_id", "received_at", "page_url",
        "email_click_event_id", "email_address", "user_agent",
    ),
    "activities": (
        "event_id", "event_type", "occurred_at", "contact_id", "received_at", "detail",
    ),
    "consents": ("visitor_id", "is_granted", "decided_at"),
    "lists": ("list_id", "list_name"),
    "list_memberships": ("list_id", "contact_id", "added_at", "removed_at"),
    "attributes": ("contact_id", "attribute_name", "attribute_value", "updated_at"),
}  # fmt: skip
ACTOR_COLUMNS = {
    "email_events": ("email", "email_address"),
    "web_events": ("visitor", "visitor_id"),
    "activities": ("contact", "contact_id"),
}
EVENT_TYPES = {
    "email_events": (
        r"email_(sent|delivered|deferred|open|click|reply|hard_bounce|soft_bounce|unsubscribe"
        r"|resubscribe|spam_complaint)"
    ),
    "web_events": r"page_view|form_submission",
    "activities": r"[a-z][a-z0-9_]*",
}
WHITE_SPACE = r"[\s\u200b-\u200d\u2060\ufeff]+"  # of any script, and what cannot be seen
MARGIN = re.compile(rf"\A{WHITE_SPACE}|{WHITE_SPACE}\Z")
TIME = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"([Tt ](?P<hour>\d\d):(?P<minute>\d\d)(:(?P<second>\d\d)(\.(?P<fraction>\d+))?)?"
    r"(?P<zone>[Zz]| UTC|(?P<sign>[+-])(?P<zone_hour>\d\d)(:?(?P<zone_minute>\d\d))?)?)?",
    re.ASCII,
)


class MergeLoopError(ValueError):
    """Contacts that were merged into each other; `contact_ids` names those in the loop (§4)."""

    def __init__(self, contact_ids: Iterable[str]) -> None:
        self.contact_ids = tuple(sorted(contact_ids))
        super().__init__(f"contacts merged in a loop: {', '.join(self.contact_ids)}")


# Reading values and tables ------------------------------------------------------------------


def trimmed(value: str | None) -> str:
    """§2: without the white space around it, which the invisible characters count as."""
    return MARGIN.sub("", value or "")


def text(value: str | None) -> str | None:
    """§2: empty or white-space text (of any script) is null; all else is taken as written."""
    return value if trimmed(value) else None


def address(value: str | None) -> str | None:
    """§2: e-mail addresses are trimmed and lower-cased, everywhere."""
    return trimmed(value).lower() or None


def boolean(value: str | None) -> bool:
    """§2: `true`, `t`, `yes`, `1` in any case, trimmed; all else, null too, is false."""
    return trimmed(value).lower() in ("true", "t", "yes", "1")


def time(value: str | None) -> datetime | None:
    """§2: an ISO 8601 date, or date and time, as UTC; null where it is not readable.

    White space around it, `t` and `z`, no seconds, and 24:00 for the next midnight are readable;
    digits beyond the microsecond are cut off. ` UTC` is what the page shows: one space, in
    capitals, and like any zone behind a time of day, not behind a date alone.
    """
    found = TIME.fullmatch(trimmed(value))
    if not found:
        return None
    part = found.groupdict(default="0")
    year, month, day, zone_hour, zone_minute = (
        int(part[name]) for name in ("year", "month", "day", "zone_hour", "zone_minute")
    )
    microsecond = int(part["fraction"][:6].ljust(6, "0"))
    clock = (int(part["hour"]), int(part["minute"]), int(part["second"]), microsecond)
    days_on, clock = (1, (0, 0, 0, 0)) if clock == (24, 0, 0, 0) else (0, clock)
    if zone_hour > 23 or zone_minute > 59:
        return None
    offset = timedelta(hours=zone_hour, minutes=zone_minute)
    try:
        local = datetime(year, month, day, *clock) + days_on * DAY
        return local + offset if part["sign"] == "-" else local - offset
    except (ValueError, OverflowError):
        return None


def number(value: str | None) -> Decimal | None:
    """§5: a number of a config row; empty is none."""
    return None if text(value) is None else Decimal(trimmed(value))


def cents(value: Decimal) -> Decimal:
    """§5: a driver is rounded to 2 places, half away from zero."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def cast(column: str, value: str | None) -> Any:
    """§2: what a column holds goes by its name: times, booleans, addresses, else text."""
    if column.endswith("_at"):
        return time(value)
    if column.startswith("is_"):
        return boolean(value)
    return address(value) if column == "email_address" else text(value)


def read(raw: Tables, table: str) -> list[Row]:
    """§2: an absent table is empty, an absent column null, extra columns are ignored."""
    columns = COLUMNS[table]
    return [
        {column: cast(column, row.get(column)) for column in columns}
        for row in raw.get(table) or ()
    ]


def nulls_last(row: Row, columns: Iterable[str]) -> list[tuple[bool, Any]]:
    """§3.2: the sort key of a row by those columns, nulls last, text by code point."""
    return [(row[column] is None, row[column]) for column in columns]


def recency(moment: datetime | None) -> tuple[bool, datetime]:
    """§4: a sort key by time in which none is older than every dated one."""
    return moment is not None, moment or datetime.min


def grouped(items: Iterable[Item], key: Callable[[Item], Hashable]) -> dict[Any, list[Item]]:
    """The items by their key."""
    groups: dict[Any, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


# Contacts -----------------------------------------------------------------------------------


def contact_rows(raw: Tables) -> dict[str, list[Row]]:
    """§4: contact id -> its rows, the newest `updated_at`, which counts, first.

    None is oldest; of several newest, the first by the other columns. Rows without an id are none.
    """
    named = [row for row in read(raw, "contacts") if row["contact_id"] is not None]
    rows_of = grouped(named, lambda row: row["contact_id"])
    for rows in rows_of.values():
        rows.sort(key=lambda row: nulls_last(row, COLUMNS["contacts"]))
        rows.sort(key=lambda row: recency(row["updated_at"]), reverse=True)  # a stable sort
    return rows_of


def read_contacts(raw: Tables) -> dict[str, Row]:
    """§4: contact id -> the row of it that counts."""
    return {contact_id: rows[0] for contact_id, rows in contact_rows(raw).items()}


def follow_merges(contacts: Mapping[str, Row]) -> dict[str, str]:
    """§4: contact id -> id of its survivor, in any number of steps; a loop is an error.

    A merge into an id that does not exist, or into itself, is ignored.
    """

    def target(contact_id: str) -> str | None:
        merged_into = contacts[contact_id]["merged_into_contact_id"]
        return merged_into if merged_into in contacts and merged_into != contact_id else None

    survivors: dict[str, str] = {}
    looped: set[str] = set()
    for contact_id in contacts:
        path = [contact_id]
        while (following := target(path[-1])) is not None and following not in path:
            path.append(following)
        if following is not None:
            looped.update(path[path.index(following) :])
        survivors[contact_id] = path[-1]
    if looped:
        raise MergeLoopError(looped)
    return survivors


def erased_survivors(contacts: Mapping[str, Row], survivors: Mapping[str, str]) -> set[str]:
    """§4: a surviving contact with a (readable) `deleted_at`, whatever date, is erased."""
    return {
        survivor for survivor in survivors.values() if contacts[survivor]["deleted_at"] is not None
    }


def erased_contacts(raw: Tables) -> set[str]:
    """§4: the ids of the erased contacts and of those merged into them."""
    contacts = read_contacts(raw)
    survivors = follow_merges(contacts)
    erased = erased_survivors(contacts, survivors)
    return {contact_id for contact_id, survivor in survivors.items() if survivor in erased}


# Events -------------------------------------------------------------------------------------


@dataclass(eq=False)
class Event:
    """One row of an event table: its columns, and what §3 and §4 make of it."""

    source: str
    row: Row
    occurred_at_as_read: str | None = None
    reason: str | None = None  # of its rejection
    fate: str = "engagement"  # or duplicate, rejected, erased
    machine_reason: str | None = None
    is_repeat: bool = False
    contact_id: str | None = None  # the surviving contact, where the event may be counted for it

    @property
    def actor(self) -> Actor | None:
        """§1, §2: the address, visitor or contact id that the event names."""
        kind, column = ACTOR_COLUMNS[self.source]
        if self.source == "email_events" and self.row["email_address"] is None:
            kind, column = "contact", "contact_id"
        return None if self.row[column] is None else (kind, self.row[column])

    @property
    def event_id(self) -> str:
        return self.row["event_id"]

    @property
    def event_type(self) -> str:
        return self.row["event_type"]

    @property
    def occurred_at(self) -> datetime:
        return self.row["occurred_at"]


def read_events(raw: Tables, website_tracking: bool) -> list[Event]:
    """§2, §3.1, §3.7: every row of the event tables, rejected ones marked with their reason."""
    events = []
    for source in ACTOR_COLUMNS:
        if source == "web_events" and not website_tracking:
            continue
        for row, written in zip(read(raw, source), raw.get(source) or (), strict=True):
            row["received_at"] = row["received_at"] or row["occurred_at"]
            if source == "email_events" and row["email_address"]:
                row["contact_id"] = None  # beside an address it says nothing
            event = Event(source, row, text(written.get("occurred_at")))
            event.reason = rejection(event)
            event.fate = "rejected" if event.reason else "engagement"
            events.append(event)
    return events


def rejection(event: Event) -> str | None:
    """§3.1: why a row is rejected; the first reason in this order wins."""
    if event.event_id is None:
        return "missing_event_id"
    if event.occurred_at is None:
        return "invalid_occurred_at"
    if event.actor is None:
        return "missing_actor"
    if not re.fullmatch(EVENT_TYPES[event.source], event.event_type or ""):
        return "unknown_event_type"
    if event.occurred_at - event.row["received_at"] > DAY:
        return "occurs_in_the_future"
    return None


def mark_duplicates(events: Iterable[Event]) -> None:
    """§3.2: of the copies of an id in one table the earliest received is the engagement.

    Rejected rows are no copies: they take no part.
    """

    def order(event: Event) -> list[tuple[bool, Any]]:
        first = ("received_at", "occurred_at")
        remaining = (column for column in COLUMNS[event.source] if column not in first)
        return nulls_last(event.row, (*first, *remaining))

    accepted = (event for event in events if event.fate == "engagement")
    for copies in grouped(accepted, lambda event: (event.source, event.event_id)).values():
        for copy in sorted(copies, key=order)[1:]:
            copy.fate = "duplicate"


def conflicting_duplicates(events: Iterable[Event]) -> int:
    """§3.2: the duplicates that name another actor or event type than the copy that counts.

    An erased row is "counted as `erased` and as nothing else" (§4), so it is in no conflict. Nor
    are the duplicates of a copy that counted and was erased, now or by an earlier build: nothing is
    known of it any more that they could differ from.
    """
    events = list(events)
    counting = {
        (event.source, event.event_id): (event.actor, event.event_type)
        for event in events
        if event.fate == "engagement"
    }
    named = [
        (counting.get((event.source, event.event_id)), (event.actor, event.event_type))
        for event in events
        if event.fate == "duplicate"
    ]
    return sum(counts is not None and counts != other for counts, other in named)


def mark_machines(
    engagements: Sequence[Event],
    machine_user_agents: Iterable[Mapping[str, str | None]],
    machine_click_seconds: float,
) -> None:
    """§3.4: flagged, a machine's user agent, in a burst or too fast; the first is the reason."""
    patterns = [(text(row["pattern"]) or "").lower() for row in machine_user_agents]
    bursts = clicks_in_bursts(engagements)
    too_fast = clicks_too_fast(engagements, machine_click_seconds)
    for event in engagements:
        user_agent = (event.row.get("user_agent") or "").lower()
        if event.row.get("is_machine"):
            event.machine_reason = "flagged"
        elif any(pattern and pattern in user_agent for pattern in patterns):
            event.machine_reason = "user_agent"
        elif event in bursts:
            event.machine_reason = "click_burst"
        elif event in too_fast:
            event.machine_reason = "too_fast"


def clicks_in_bursts(engagements: Iterable[Event]) -> set[Event]:
    """§3.4: clicks by an actor on a message in a closed 10-second span with 3 links or more.

    A span that begins at a click is enough: any other one holds no more than that. A click
    without a link is on no link, but may stand in a burst; one without a message may not.
    """
    clicks = [
        event
        for event in engagements
        if event.event_type == "email_click" and event.row.get("message_id")
    ]
    bursts: set[Event] = set()
    for group in grouped(clicks, lambda click: (click.actor, click.row["message_id"])).values():
        for start in group:
            span = [
                click
                for click in group
                if timedelta(0) <= click.occurred_at - start.occurred_at <= timedelta(seconds=10)
            ]
            if len({click.row["link_url"] for click in span} - {None}) >= 3:
                bursts.update(span)
    return bursts


def clicks_too_fast(engagements: Iterable[Event], machine_click_seconds: float) -> set[Event]:
    """§3.4: clicks at most so long after the first delivery of the message to the actor.

    Any `email_delivered` engagement may be the first, by `occurred_at`, a machine's too: it is only
    asked when the message was there. A click before it is none of these, whatever delivery follows;
    nor is one without a message. 0 seconds switch it off, also for a click at the very instant.
    """
    delivered_at: dict[Hashable, datetime] = {}
    clicks: list[tuple[Event, Hashable]] = []
    for event in engagements:
        thing = event.actor, event.row.get("message_id")
        if thing[1] is None:
            continue
        if event.event_type == "email_delivered":
            delivered_at[thing] = min(delivered_at.get(thing, datetime.max), event.occurred_at)
        elif event.event_type == "email_click":
            clicks.append((event, thing))
    longest = timedelta(seconds=machine_click_seconds)
    return {
        click
        for click, thing in clicks
        if thing in delivered_at
        and longest
        and timedelta(0) <= click.occurred_at - delivered_at[thing] <= longest
    }


def mark_repeats(engagements: Iterable[Event]) -> None:
    """§3.5: an earlier-received engagement, no machine's, on the same thing makes a repeat."""
    seen: set[Hashable] = set()
    with_message = [event for event in engagements if event.row.get("message_id")]
    for event in sorted(with_message, key=lambda event: (event.row["received_at"], event.event_id)):
        thing = (
            event.source,
            event.actor,
            event.event_type,
            event.row["message_id"],
            event.row["link_url"],
        )
        event.is_repeat = thing in seen
        if event.machine_reason is None:
            seen.add(thing)


# Whose they are -----------------------------------------------------------------------------

Link = tuple[str | None, str | None, datetime | None]  # address or visitor, contact id, time


def newest_links(
    links: Iterable[Link], contacts: Mapping[str, Row], as_of: datetime
) -> dict[str, Link]:
    """§4: address or visitor -> its newest link before as-of, to a contact before merges.

    Undated ones are oldest, ties go to the smallest contact id; a link to no contact is none.
    """
    usable = [
        (actor, contact_id, at)
        for actor, contact_id, at in links
        if actor is not None and contact_id in contacts and (at is None or at < as_of)
    ]
    usable.sort(key=lambda link: link[1])
    usable.sort(key=lambda link: recency(link[2]), reverse=True)  # a stable sort
    newest: dict[str, Link] = {}
    for link in usable:
        newest.setdefault(link[0], link)
    return newest


def address_links(identities: list[Row], older_rows: Iterable[Row]) -> Iterator[Link]:
    """§4: an address's links: identities, and the rows of contacts that are not their newest.

    Each such row, of a contact that was merged away too, links its address at its `updated_at`; one
    that ties with the row that counts is such a row as well.
    """
    for row in identities:
        if row["identity_type"] == "email":
            yield address(row["identity_value"]), row["contact_id"], row["linked_at"]
    for row in older_rows:
        yield row["email_address"], row["contact_id"], row["updated_at"]


def address_owners(
    contacts: Mapping[str, Row],
    survivors: Mapping[str, str],
    links: Iterable[Link],
    as_of: datetime,
) -> dict[str, str]:
    """§4: address -> contact id, before merges: the row that has it now, else the newest link.

    Of several rows: one whose person is not deleted, then the newest, then the smallest id. A row
    that has it now does so whatever its `updated_at`; older rows are links, and those only count
    before as-of.
    """
    erased = erased_survivors(contacts, survivors)
    rows = sorted(contacts.values(), key=lambda row: row["contact_id"])
    rows.sort(key=lambda row: recency(row["updated_at"]), reverse=True)  # stable sorts
    rows.sort(key=lambda row: survivors[row["contact_id"]] in erased)
    owners: dict[str, str] = {}
    for row in rows:
        if row["email_address"] is not None:
            owners.setdefault(row["email_address"], row["contact_id"])
    linked = newest_links(links, contacts, as_of)
    return {value: link[1] for value, link in linked.items()} | owners


def visitor_links(
    identities: list[Row], engagements: list[Event], addresses: Mapping[str, str]
) -> Iterator[Link]:
    """§4: a visitor's links: identities, landings of e-mail clicks, addresses typed in.

    Only engagements link, no duplicate or rejected row, and no machine's.
    """
    for row in identities:
        if row["identity_type"] == "visitor":
            yield row["identity_value"], row["contact_id"], row["linked_at"]
    human = [event for event in engagements if event.machine_reason is None]
    clicks = {
        event.event_id: event.actor
        for event in human
        if event.source == "email_events" and event.event_type == "email_click"
    }
    for event in human:
        if event.source == "web_events":
            kind, named = clicks.get(event.row["email_click_event_id"]) or ("email", None)
            clicked = named if kind == "contact" else addresses.get(named)
            for linked in (clicked, addresses.get(event.row["email_address"])):
                yield event.row["visitor_id"], linked, event.occurred_at


def actor_owners(
    contacts: Mapping[str, Row],
    survivors: Mapping[str, str],
    addresses: Mapping[str, str],
    visitors: Mapping[str, Link],
) -> dict[Actor, str]:
    """§4: actor -> surviving contact; an actor that is nobody's is not in it."""
    owners: dict[Actor, str] = {("contact", contact_id): contact_id for contact_id in contacts}
    owners |= {("email", value): contact_id for value, contact_id in addresses.items()}
    owners |= {("visitor", value): link[1] for value, link in visitors.items()}
    return {actor: survivors[contact_id] for actor, contact_id in owners.items()}


def owner_of(event: Event, owners: Mapping[Actor, str]) -> str | None:
    """§4: whose a row is: an address typed in, where it is somebody's, goes before the actor.

    An address that is nobody's leaves the row to its visitor. The page says this of any web event,
    so a machine's is the typed-in contact's too, though it links nobody, and so are rejected rows
    and duplicates, which matters where that contact is erased.
    """
    if event.source == "web_events":
        typed_in = owners.get(("email", event.row["email_address"] or ""))
        if typed_in is not None:
            return typed_in
    return owners.get(event.actor) if event.actor else None


def consenting(
    consents: list[Row], as_of: datetime, require_consent: bool
) -> Callable[[str], bool]:
    """§3.6: whether a visitor's events may be counted: by its latest decision before as-of.

    A refusal wins a tie; undated decisions come before all others.
    """
    decided = [row for row in consents if row["decided_at"] is None or row["decided_at"] < as_of]
    decisions = grouped(decided, lambda row: row["visitor_id"])

    def may_be_counted(visitor_id: str) -> bool:
        if visitor_id not in decisions:
            return not require_consent
        _, is_refused = max(
            (recency(row["decided_at"]), not row["is_granted"]) for row in decisions[visitor_id]
        )
        return not is_refused

    return may_be_counted


# Points -------------------------------------------------------------------------------------


Condition = tuple[str, str, str]  # field, operator, value


@dataclass(frozen=True)
class Rule:
    """§5: one row of scoring_rules, with its further conditions."""

    rule_id: str
    score_name: str
    event_type: str
    conditions: tuple[Condition, ...]  # its own filter among them
    points: Decimal
    counts_repeats: bool
    max_points: Decimal | None
    min_times: int
    expires_after_days: Decimal | None
    half_life_days: Decimal | None
    valid_from: datetime | None
    valid_to: datetime | None


def read_rules(config: Tables) -> list[Rule]:
    """§5: the rules; a blank score name is `engagement`."""
    filters = [*config["scoring_rules"], *config.get("scoring_rule_conditions", [])]
    return [
        Rule(
            row["rule_id"] or "",
            text(row.get("score_name")) or "engagement",
            row["event_type"] or "",
            tuple(
                (text(one["match_field"]) or "", text(one["match_operator"]) or "", value)
                for one in filters
                if one["rule_id"] == row["rule_id"] and (value := text(one.get("match_value")))
            ),
            number(row["points"]) or Decimal(0),
            boolean(row.get("counts_repeats")),
            number(row.get("max_points")),
            int(text(row.get("min_times")) or "1"),
            number(row.get("expires_after_days")),
            number(row.get("half_life_days")),
            time(row.get("valid_from")),
            time(row.get("valid_to")),
        )
        for row in config["scoring_rules"]
    ]


def matches(rule: Rule, event: Event) -> bool:
    """§5: type, validity, and every condition."""
    if event.event_type != rule.event_type:
        return False
    if rule.valid_from is not None and event.occurred_at < rule.valid_from:
        return False
    if rule.valid_to is not None and event.occurred_at >= rule.valid_to:
        return False
    return all(
        holds(event.row.get(field), operator, wanted) for field, operator, wanted in rule.conditions
    )


def holds(value: str | None, operator: str, wanted: str) -> bool:
    """§5: case-sensitive, literal. Absent text matches nothing, and so every `not_`."""
    if operator.startswith("not_"):
        return not holds(value, operator.removeprefix("not_"), wanted)
    return (
        value is not None
        and {
            "equals": value == wanted,
            "starts_with": value.startswith(wanted),
            "contains": wanted in value,
        }[operator]
    )


def age_in_days(event: Event, as_of: datetime) -> Decimal:
    """§5: from the start of the 12 h period of the event to as-of."""
    start = event.occurred_at.replace(
        hour=event.occurred_at.hour // 12 * 12, minute=0, second=0, microsecond=0
    )
    return Decimal((as_of - start) // HALF_DAY) / 2


def decayed_points(rule: Rule, age: Decimal) -> Decimal:
    """§5: points x 0.5^(age / half life), rounded to 6 places, half away from zero."""
    with localcontext(prec=60):
        points = rule.points
        if rule.half_life_days is not None:
            points *= Decimal("0.5") ** (age / rule.half_life_days)
        return points.quantize(Decimal("0.000001"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Entry:
    """§5, §7: an engagement before as-of and a rule that it matched."""

    event: Event
    rule: Rule
    earns: bool
    points: Decimal  # after decay, before the cap


def entries_of(engagements: Iterable[Event], rules: list[Rule], as_of: datetime) -> list[Entry]:
    """§5, §7: each engagement with every rule that it matches.

    Nothing is earned by a machine, a repeat that does not count, without consent or contact,
    expired, or where a contact has too few of a rule in the last 90 days; the disqualified do earn.
    """
    entries = []
    for event in engagements:
        for rule in rules:
            if not matches(rule, event):
                continue
            age = age_in_days(event, as_of)
            earns = (
                event.contact_id is not None
                and event.machine_reason is None
                and (rule.counts_repeats or not event.is_repeat)
                and (rule.expires_after_days is None or age <= rule.expires_after_days)
            )
            points = decayed_points(rule, age) if earns else Decimal(0)
            entries.append(Entry(event, rule, earns, points))
    start = as_of - 90 * DAY
    times = Counter(
        (entry.rule, entry.event.contact_id)
        for entry in entries
        if entry.earns and entry.event.occurred_at >= start
    )
    return [
        replace(entry, earns=False, points=Decimal(0))
        if entry.earns and times[entry.rule, entry.event.contact_id] < entry.rule.min_times
        else entry
        for entry in entries
    ]


@dataclass(frozen=True)
class Driver:
    """§5, §7: what one rule adds to one score of one contact in one window."""

    times_earned: int
    points: Decimal
    lost_to_cap: Decimal


def driver(rule: Rule, entries: Sequence[Entry]) -> Driver:
    """§5: the sum of the points, cut at the cap, then rounded; what the cap took is signed."""
    total = sum((entry.points for entry in entries), Decimal(0))
    cut = total
    if rule.max_points is not None:
        cut = max(-rule.max_points, min(rule.max_points, total))
    return Driver(len(entries), cents(cut), cents(total - cut))


DriverKey = tuple[str, str, str]  # score name, contact id, rule id


def drivers_of(
    earning: Iterable[Entry], as_of: datetime, windows: Iterable[int]
) -> dict[int, dict[DriverKey, Driver]]:
    """§1, §5: the drivers per window, of every contact with enough of the rule in it."""
    by_key = grouped(
        earning, lambda entry: (entry.rule.score_name, entry.event.contact_id, entry.rule.rule_id)
    )
    drivers: dict[int, dict[DriverKey, Driver]] = {}
    for window in windows:
        drivers[window] = {}
        for key, entries in by_key.items():
            inside = [entry for entry in entries if entry.event.occurred_at >= as_of - window * DAY]
            if inside and len(inside) >= inside[0].rule.min_times:
                drivers[window][key] = driver(inside[0].rule, inside)
    return drivers


# Disqualification ---------------------------------------------------------------------------


def disqualifications(person: Row, engagements: Iterable[Event], config: Tables) -> Iterator[Row]:
    """§6: for each rule that disqualifies the contact its evidence, from its whole life.

    An event "of the address" is one whose actor the address is, or an e-mail event without one
    that names the contact (§2): no web event or activity is.
    `last_event_id` is that of the last occurrence, not of a retry that came after it.
    """
    for rule in config["disqualification_rules"]:
        own = sorted(engagements, key=lambda event: (event.occurred_at, event.event_id))
        if rule["applies_to"] == "current_address":
            own = [event for event in own if is_of_address(event, person["email_address"])]
        cleared_by = (rule.get("cleared_by") or "").split()
        clearing = [
            event.occurred_at
            for event in own
            if event.event_type in cleared_by and event.machine_reason is None
        ]
        cleared_at = max(clearing, default=datetime.min)
        standing = [
            event
            for event in own
            if event.event_type == rule["event_type"] and event.occurred_at >= cleared_at
        ]
        found = occurrences(standing)
        minimum = int(rule["min_occurrences"] or "")
        if len(found) >= minimum:
            yield {
                "event_type": rule["event_type"],
                "occurrences": len(found),
                "disqualified_at": found[minimum - 1].occurred_at,
                "last_event_id": found[-1].event_id,
            }


def is_of_address(event: Event, current: str | None) -> bool:
    kind, named = event.actor or ("", "")
    if kind == "contact":
        return event.source == "email_events"
    return kind == "email" and named == current


def occurrences(standing: Iterable[Event]) -> list[Event]:
    """§6: of those with the same source, actor and message, in their order, the first.

    Those without a message are an occurrence each, as without one nothing is a repeat (§3.5).
    """
    found: list[Event] = []
    seen: set[Hashable] = set()
    for event in standing:
        message_id = event.row.get("message_id")
        failure = event.source, event.actor, message_id
        if message_id is None or failure not in seen:
            found.append(event)
        seen.add(failure)
    return found


# One as-of ----------------------------------------------------------------------------------

ScoreKey = tuple[str, str]  # score name, contact id


@dataclass(frozen=True)
class Facts:
    """What the marts of one as-of are made from."""

    as_of: datetime
    people: dict[str, Row]  # contacts neither merged away nor erased
    survivors: dict[str, str]
    events: list[Event]
    rules: list[Rule]
    bands: list[Row]
    entries: list[Entry]
    drivers: dict[int, dict[DriverKey, Driver]]
    disqualified: dict[str, list[Row]]  # contact id -> its evidence

    @property
    def score_names(self) -> list[str]:
        """§1: the score names are those that rules feed."""
        return sorted({rule.score_name for rule in self.rules})

    def ledger(self) -> list[Entry]:
        """§7: the entries of the last 90 days."""
        start = self.as_of - 90 * DAY
        return [entry for entry in self.entries if entry.event.occurred_at >= start]

    def totals(self, window: int) -> dict[ScoreKey, Decimal]:
        """§5: the sum of the drivers of who earned in the window, the disqualified included."""
        totals: dict[ScoreKey, Decimal] = defaultdict(lambda: cents(Decimal(0)))
        for (score_name, contact_id, _), one in self.drivers[window].items():
            totals[score_name, contact_id] += one.points
        return totals

    def times_earned(self, window: int) -> dict[ScoreKey, int]:
        """§7: a contact's is the sum of its drivers'."""
        times: dict[ScoreKey, int] = defaultdict(int)
        for (score_name, contact_id, _), one in self.drivers[window].items():
            times[score_name, contact_id] += one.times_earned
        return times

    def scores(self, window: int) -> dict[ScoreKey, Decimal]:
        """§6, §7: everybody's score: 0 without activity, and 0 for the disqualified."""
        totals = self.totals(window)
        keys = [(name, contact_id) for name in self.score_names for contact_id in self.people]
        return {
            key: cents(Decimal(0)) if key[1] in self.disqualified else totals[key] for key in keys
        }

    def reached_bands(self) -> dict[ScoreKey, str | None]:
        """§7: the highest band whose `min_score` is reached, in the band window."""
        reached: dict[ScoreKey, str | None] = {}
        for score_name in self.score_names:
            bands = [band for band in self.bands if band["score_name"] == score_name]
            scores = self.scores(bands[0]["window_days"]) if bands else {}
            for contact_id in self.people:
                fitting = [
                    (band["min_score"], band["band"])
                    for band in bands
                    if contact_id not in self.disqualified
                    and band["min_score"] <= scores[score_name, contact_id]
                ]
                reached[score_name, contact_id] = max(fitting)[1] if fitting else None
        return reached

    def last_engaged(self) -> dict[ScoreKey, datetime]:
        """§7: the newest `occurred_at` that earned under a score name in the last 90 days."""
        last: dict[ScoreKey, datetime] = {}
        for entry in self.ledger():
            if entry.earns:
                key = entry.rule.score_name, entry.event.contact_id or ""
                last[key] = max(last.get(key, datetime.min), entry.event.occurred_at)
        return last

    def person(self, contact_id: str, columns: Iterable[str]) -> Row:
        """§7: the columns of a mart that are the contact's own."""
        return {column: self.people[contact_id][column] for column in columns}


def read_bands(score_bands: Iterable[Mapping[str, str | None]]) -> list[Row]:
    """§7: score_bands, with their numbers read; a blank score name is `engagement`, as in §5."""
    return [
        {
            "score_name": text(row.get("score_name")) or "engagement",
            # a fit score has none
            "window_days": int(row["window_days"]) if text(row["window_days"]) else None,
            "band": row["band"],
            "min_score": Decimal(row["min_score"] or ""),
            "is_sales_ready": boolean(row.get("is_sales_ready")),
        }
        for row in score_bands
    ]


Identity = tuple[Hashable, ...]
ERASED = ""  # stands for a deleted contact of whom nothing else is known any more


class Erasures:
    """§4: erasure is final. What a sequence of builds has erased, up to its next full refresh.

    A row that was erased is not read again: it links nobody and repeats nothing, but a copy of its
    id that comes in later is a duplicate, whenever it was received. A visitor who was a deleted
    contact's remains so until a newer link, for the events that said so may be gone: an address
    typed in, say, is erased with its row. Nothing else is known of such a row: where a newer link
    was there already and is gone at a later build, the visitor is whose it is by what is left. What
    another's event said of the erased stays blank.
    """

    def __init__(self) -> None:
        self._rows: Counter[Identity] = Counter()
        self._ids: set[tuple[str, str]] = set()
        self._blank: dict[Identity, set[str]] = defaultdict(set)
        self._visitors: dict[str, datetime | None] = {}
        self._known: list[tuple[Event, Identity, str, Row]] = []

    @staticmethod
    def _identity(event: Event) -> Identity:
        written = event.occurred_at_as_read if event.reason else None
        return (event.source, written, *event.row.values())

    def before(self, events: Iterable[Event]) -> None:
        """Marks the rows that were erased, and the copies of their ids."""
        left = Counter(self._rows)
        self._known = []
        for event in events:
            identity = self._identity(event)
            if left[identity]:
                left[identity] -= 1
                event.fate = "erased"
                continue
            for column in self._blank.get(identity, ()):
                event.row[column] = None
            if not event.reason and (event.source, event.event_id) in self._ids:
                event.fate = "duplicate"
            self._known.append((event, identity, "", {}))

    def erased_visitors(
        self, visitors: Mapping[str, Link], is_erased: Callable[[str], bool]
    ) -> set[str]:
        """Those whose newest link is a deleted contact's, as far as it was ever known."""
        known, self._visitors = self._visitors, {}
        for visitor, at in known.items():
            newest = visitors.get(visitor)
            if newest is None or (newest[2] is None or (at is not None and newest[2] <= at)):
                self._visitors[visitor] = at
        for visitor, (_, contact_id, at) in visitors.items():
            if is_erased(contact_id):
                times = [one for one in (at, known.get(visitor)) if one is not None]
                self._visitors[visitor] = max(times, default=None)
        self._known = [
            (event, identity, event.fate, dict(event.row)) for event, identity, *_ in self._known
        ]
        return set(self._visitors)

    def erased_ids(self) -> set[str]:
        """The ids of their e-mail events."""
        return {event_id for source, event_id in self._ids if source == "email_events"}

    def after(self) -> None:
        """Takes in what this build has erased."""
        for event, identity, fate, row in self._known:
            if event.fate == "erased":
                self._rows[identity] += 1
                if fate == "engagement":
                    self._ids.add((event.source, event.event_id))
                continue
            for column, value in row.items():
                if event.row[column] != value:
                    self._blank[identity].add(column)


def assign(
    events: Iterable[Event],
    owners: Mapping[Actor, str],
    erased: Collection[str],
    may_be_counted: Callable[[str], bool],
    erased_ids: Collection[str] = (),
) -> None:
    """§4, §3.6: each event's contact, or its erasure, which goes before any other fate.

    Without the visitor's consent a web event has no contact, but it is erased with whose it would
    be. A row with an erased person's address typed in is erased as theirs, whoever's the visitor
    is; with a living one's it stays, though the visitor is an erased person's. A click of an erased
    person's that a row of another names is taken out of that row.
    """
    events = [event for event in events if event.fate != "erased"]
    erased_emails = {
        event.event_id
        for event in events
        if event.fate == "engagement"
        and event.source == "email_events"
        and owner_of(event, owners) in erased
    } | {*erased_ids}
    for event in events:
        owner = owner_of(event, owners)
        if owner in erased:
            event.fate = "erased"
        elif event.source != "web_events" or may_be_counted(event.row["visitor_id"]):
            event.contact_id = owner
        if event.row.get("email_click_event_id") in erased_emails:
            event.row["email_click_event_id"] = None


def collect(
    raw: Tables,
    config: Tables,
    as_of: datetime,
    website_tracking: bool,
    require_consent: bool,
    machine_click_seconds: float,
    windows: Iterable[int],
    erasures: Erasures,
) -> Facts:
    """§3 to §6, one after the other."""
    rows_of = contact_rows(raw)
    contacts = {contact_id: rows[0] for contact_id, rows in rows_of.items()}
    older_rows = [row for rows in rows_of.values() for row in rows[1:]]
    survivors = follow_merges(contacts)
    erased = erased_survivors(contacts, survivors)

    events = read_events(raw, website_tracking)
    erasures.before(events)
    mark_duplicates(events)
    engagements = [event for event in events if event.fate == "engagement"]
    mark_machines(engagements, config["machine_user_agents"], machine_click_seconds)
    mark_repeats(engagements)

    identities = read(raw, "identities")
    links_of_addresses = address_links(identities, older_rows)
    addresses = address_owners(contacts, survivors, links_of_addresses, as_of)
    links_of_visitors = visitor_links(identities, engagements, addresses)
    visitors = newest_links(links_of_visitors, contacts, as_of)
    owners = actor_owners(contacts, survivors, addresses, visitors)
    erased_visitors = erasures.erased_visitors(visitors, lambda one: survivors[one] in erased)
    owners |= {("visitor", visitor): ERASED for visitor in erased_visitors}
    may_be_counted = consenting(read(raw, "consents"), as_of, require_consent)
    assign(events, owners, {*erased, ERASED}, may_be_counted, erasures.erased_ids())
    erasures.after()

    people = {
        contact_id: row
        for contact_id, row in contacts.items()
        if survivors[contact_id] == contact_id and contact_id not in erased
    }
    seen = [
        event for event in engagements if event.fate == "engagement" and event.occurred_at < as_of
    ]
    by_contact = grouped(seen, lambda event: event.contact_id)
    evidence = {
        contact_id: list(disqualifications(person, by_contact[contact_id], config))
        for contact_id, person in people.items()
    }
    disqualified = {contact_id: found for contact_id, found in evidence.items() if found}

    rules, bands = read_rules(config), read_bands(config["score_bands"])
    entries = entries_of(seen, rules, as_of)
    needed = {*windows, *SCORE_WINDOWS, *(band["window_days"] for band in bands)} - {None}
    drivers = drivers_of((entry for entry in entries if entry.earns), as_of, needed)
    return Facts(as_of, people, survivors, events, rules, bands, entries, drivers, disqualified)


# The marts ----------------------------------------------------------------------------------


def ranks(scores: Mapping[str, Decimal]) -> dict[str, int]:
    """§7: `rank()` by score, highest first: 1, 1, 3."""
    first: dict[Decimal, int] = {}
    for rank, value in enumerate(sorted(scores.values(), reverse=True), start=1):
        first.setdefault(value, rank)
    return {contact_id: first[value] for contact_id, value in scores.items()}


def active_contacts(facts: Facts, windows: Iterable[int]) -> Iterator[Row]:
    """§7: score name x window x contact with an earning engagement in it, not disqualified."""
    bands, last_engaged = facts.reached_bands(), facts.last_engaged()
    for window in windows:
        scores, times_earned = facts.scores(window), facts.times_earned(window)
        for name in facts.score_names:
            active = {
                contact_id: scores[name, contact_id]
                for contact_id in facts.people
                if (name, contact_id) in times_earned and contact_id not in facts.disqualified
            }
            for contact_id, rank in ranks(active).items():
                yield {
                    "score_name": name,
                    "window_days": window,
                    "contact_id": contact_id,
                    **facts.person(contact_id, PERSON_COLUMNS),
                    "score": active[contact_id],
                    "score_rank": rank,
                    "times_earned": times_earned[name, contact_id],
                    "last_engaged_at": last_engaged[name, contact_id],
                    "band": bands[name, contact_id],
                    "as_of": facts.as_of,
                }


def contact_scores(facts: Facts, grades: Sequence[Row]) -> Iterator[Row]:
    """§7: score name x contact that is not merged away or deleted.

    §8: whether sales should call goes by the grade where the score name is graded.
    """
    bands, last_engaged = facts.reached_bands(), facts.last_engaged()
    ready = {(band["score_name"], band["band"]) for band in facts.bands if band["is_sales_ready"]}
    graded = {row["score_name"] for row in grades}
    by_grade = {(row["score_name"], row["contact_id"]) for row in grades if row["is_sales_ready"]}
    scores = {window: facts.scores(window) for window in SCORE_WINDOWS}
    for name in facts.score_names:
        for contact_id in facts.people:
            key = name, contact_id
            status = "active" if key in last_engaged else "inactive"
            yield {
                "score_name": name,
                "contact_id": contact_id,
                **facts.person(contact_id, PERSON_COLUMNS),
                "account_id": account_of(facts.people[contact_id]),
                "status": "disqualified" if contact_id in facts.disqualified else status,
                **{f"score_{window}d": scores[window][key] for window in SCORE_WINDOWS},
                "band": bands[key],
                "is_sales_ready": key in by_grade
                if name in graded
                else (name, bands[key]) in ready,
                "last_engaged_at": last_engaged.get(key),
                "as_of": facts.as_of,
            }


def present_members(facts: Facts, raw: Tables) -> dict[str, set[str]]:
    """§7: list id -> surviving contacts of which a membership is present at as-of."""
    members: dict[str, set[str]] = defaultdict(set)
    for row in read(raw, "list_memberships"):
        contact_id = facts.survivors.get(row["contact_id"])
        is_added = row["added_at"] is None or row["added_at"] <= facts.as_of
        is_removed = row["removed_at"] is not None and row["removed_at"] <= facts.as_of
        if row["list_id"] and contact_id in facts.people and is_added and not is_removed:
            members[row["list_id"]].add(contact_id)
    return members


def contact_list_scores(facts: Facts, raw: Tables, windows: Iterable[int]) -> Iterator[Row]:
    """§7: list x present member x score name x window; ranks leave out the disqualified.

    Of several names of one list the smallest.
    """
    names = {
        list_id: min((row["list_name"] for row in rows if row["list_name"]), default=None)
        for list_id, rows in grouped(read(raw, "lists"), lambda row: row["list_id"]).items()
    }
    members_of = present_members(facts, raw)
    for window in windows:
        scores = facts.scores(window)
        for name in facts.score_names:
            for list_id, members in members_of.items():
                ranked = members - facts.disqualified.keys()
                rank = ranks({contact_id: scores[name, contact_id] for contact_id in ranked})
                for contact_id in members:
                    yield {
                        "list_id": list_id,
                        "list_name": names.get(list_id),
                        "contact_id": contact_id,
                        **facts.person(contact_id, ("email_address", "full_name")),
                        "score_name": name,
                        "window_days": window,
                        "score": scores[name, contact_id],
                        "score_rank": rank.get(contact_id),
                        "is_disqualified": contact_id in facts.disqualified,
                        "as_of": facts.as_of,
                    }


NUMBER = re.compile(r"[+-]?(0*\d{1,11}(\.\d*)?|\.\d+)", re.ASCII)
CONTACT_FIELDS = ("job_title", "country", "company_name", "owner", "phone", "full_name")


def attributes_of(facts: Facts, raw: Tables) -> dict[tuple[str, str], list[str]]:
    """§8: (contact id, attribute) -> its values: one, but for `list`."""
    values: dict[tuple[str, str], list[str | None]] = defaultdict(list)
    for contact_id, person in facts.people.items():
        for field in CONTACT_FIELDS:
            values[contact_id, field].append(person[field])
        if "@" in (person["email_address"] or ""):
            values[contact_id, "email_domain"].append(person["email_address"].rpartition("@")[2])
    for list_id, members in present_members(facts, raw).items():
        names = [row["list_name"] for row in read(raw, "lists") if row["list_id"] == list_id]
        for contact_id in members:
            # of several names of a list, its mart has the smallest
            values[contact_id, "list"] += [list_id, *sorted(filter(None, names))[:1]]
    rows = [
        row
        for row in read(raw, "attributes")
        if row["attribute_name"]
        and row["attribute_name"] not in (*CONTACT_FIELDS, "email_domain", "list")
        and facts.survivors.get(row["contact_id"]) in facts.people
        and (row["updated_at"] is None or row["updated_at"] < facts.as_of)
    ]
    keyed = grouped(rows, lambda row: (facts.survivors[row["contact_id"]], row["attribute_name"]))
    for key, found in keyed.items():
        newest = max(
            found, key=lambda row: (recency(row["updated_at"]), row["attribute_value"] or "")
        )
        values[key].append(newest["attribute_value"])
    return {key: known for key, some in values.items() if (known := [one for one in some if one])}


def suits(operator: str, value: str, wanted: str | None) -> bool:
    """§8: whether one value matches a plain operator."""
    if operator in ("at_least", "at_most"):
        bound = number(wanted)
        if bound is None or not NUMBER.fullmatch(value.strip(" ")):
            return False
        return (
            operator == "at_least"
            if Decimal(value) > bound
            else (operator == "at_most" or Decimal(value) == bound)
        )
    return operator == "is_known" or holds(value.lower(), operator, (wanted or "").lower())


def fit_drivers(facts: Facts, raw: Tables, config: Tables) -> Iterator[Row]:
    """§8: score name of fit rules x contact x rule that matches, the disqualified included."""
    values = attributes_of(facts, raw)
    for rule in config.get("fit_rules", []):
        operator = text(rule["match_operator"]) or ""
        plain = {"is_unknown": "is_known"}.get(operator, operator.removeprefix("not_"))
        attribute = text(rule["attribute"]) or ""
        for contact_id in facts.people:
            known = values.get((contact_id, attribute), [])
            found = [value for value in known if suits(plain, value, rule["match_value"])]
            if bool(found) == (plain != operator):
                continue
            # of a negated rule, what is there instead
            shown = found if plain == operator else known if attribute != "list" else []
            yield {
                "score_name": text(rule.get("score_name")) or "fit",
                "contact_id": contact_id,
                "rule_id": rule["rule_id"],
                "matched_value": min(shown, default=None),
                "points": number(rule["points"]),
                "is_disqualified": contact_id in facts.disqualified,
                "as_of": facts.as_of,
            }


def fit_scores(facts: Facts, drivers: Sequence[Row], config: Tables) -> Iterator[Row]:
    """§8: score name of fit rules x contact: the sum of its drivers; 0 for the disqualified."""
    names = {text(rule.get("score_name")) or "fit" for rule in config.get("fit_rules", [])}
    for name in names:
        bands = [band for band in facts.bands if band["score_name"] == name]
        for contact_id in facts.people:
            is_out = contact_id in facts.disqualified
            points = [
                row["points"]
                for row in drivers
                if not is_out and (row["score_name"], row["contact_id"]) == (name, contact_id)
            ]
            score_of = sum(points, Decimal(0))
            reached = [
                (band["min_score"], band["band"])
                for band in bands
                if not is_out and band["min_score"] <= score_of
            ]
            yield {
                "score_name": name,
                "contact_id": contact_id,
                "score": score_of,
                "band": max(reached)[1] if reached else None,
                "as_of": facts.as_of,
            }


def lead_grades(facts: Facts, fit: Sequence[Row], config: Tables) -> Iterator[Row]:
    """§8: contact x pair of score names named together; an empty band stands for having none."""
    graded: dict[tuple[str, str], dict[tuple[str | None, str | None], Row]] = defaultdict(dict)
    for row in config.get("lead_grades", []):
        names = text(row["fit_score_name"]) or "fit", text(row["score_name"]) or "engagement"
        graded[names][text(row["fit_band"]), text(row["band"])] = {
            "grade": row["grade"],
            "is_sales_ready": boolean(row["is_sales_ready"]),
        }
    bands = facts.reached_bands()
    fit_bands = {(row["score_name"], row["contact_id"]): row["band"] for row in fit}
    for (fit_name, name), grades in graded.items():
        for contact_id in facts.people:
            both = fit_bands[fit_name, contact_id], bands[name, contact_id]
            found = None if contact_id in facts.disqualified else grades.get(both)
            yield {
                "contact_id": contact_id,
                "fit_score_name": fit_name,
                "fit_band": both[0],
                "score_name": name,
                "band": both[1],
                **(found or {"grade": None, "is_sales_ready": False}),
                "as_of": facts.as_of,
            }


def account_of(person: Row) -> str | None:
    """§8: the account's id, else the company's name in lower case, white space collapsed."""
    name: str = re.sub(WHITE_SPACE, " ", trimmed(person["company_name"])).lower()
    return person["account_id"] or name or None


def account_scores(facts: Facts, contacts: Sequence[Row], windows: Iterable[int]) -> Iterator[Row]:
    """§8: score name x account x window. Only those who earned in the window are active in it.

    `last_engaged_at`, as everywhere kept for the disqualified, is the newest of all its contacts.
    """
    members = [row for row in contacts if row["account_id"] is not None]
    names = grouped(members, lambda row: (row["score_name"], row["account_id"]))
    for window in sorted({*windows} & {*SCORE_WINDOWS}):
        times_earned = facts.times_earned(window)
        found = []
        for (name, account), rows in names.items():
            spelled = Counter(row["company_name"] for row in rows if row["company_name"])
            most = max(spelled.values(), default=0)
            active = [
                row
                for row in rows
                if row["status"] != "disqualified" and (name, row["contact_id"]) in times_earned
            ]
            scores = facts.scores(window)
            by_score = sorted(
                active, key=lambda row: (-scores[name, row["contact_id"]], row["contact_id"])
            )
            engaged = [row["last_engaged_at"] for row in rows if row["last_engaged_at"]]
            found.append(
                {
                    "score_name": name,
                    "account_id": account,
                    "account_name": min(
                        (one for one, n in spelled.items() if n == most), default=None
                    ),
                    "window_days": window,
                    "contacts": len(rows),
                    "active_contacts": len(active),
                    "disqualified_contacts": sum(row["status"] == "disqualified" for row in rows),
                    "sales_ready_contacts": sum(row["is_sales_ready"] for row in rows),
                    "score": sum(
                        (scores[name, row["contact_id"]] for row in active), cents(Decimal(0))
                    ),
                    "score_rank": None,
                    "top_contact_id": by_score[0]["contact_id"] if by_score else None,
                    "last_engaged_at": max(engaged, default=None),
                    "as_of": facts.as_of,
                }
            )
        for name in {row["score_name"] for row in found}:
            ranked = [row for row in found if row["score_name"] == name and row["active_contacts"]]
            place = ranks({row["account_id"]: row["score"] for row in ranked})
            for row in ranked:
                row["score_rank"] = place[row["account_id"]]
        yield from found


def band_forecast(facts: Facts) -> Iterator[Row]:
    """TRUTH.md §4: whose band changes within 14 days, and when first, if nothing further happens.

    The engagements of this as-of are looked at from each later one.
    """
    bands = facts.reached_bands()
    windows = {row["score_name"]: row["window_days"] for row in facts.bands if row["window_days"]}
    events = list({id(entry.event): entry.event for entry in facts.ledger()}.values())
    changed = set()
    for periods_ahead in range(1, 29):
        moment = facts.as_of + periods_ahead * HALF_DAY
        entries = entries_of(events, facts.rules, moment)
        earning = [entry for entry in entries if entry.earns]
        drivers = drivers_of(earning, moment, set(windows.values()))
        later = replace(facts, as_of=moment, entries=entries, drivers=drivers)
        for key, band in later.reached_bands().items():
            if band == bands[key] or key in changed:
                continue
            changed.add(key)
            score_name, contact_id = key
            yield {
                "score_name": score_name,
                "contact_id": contact_id,
                "changes_at": moment,
                "band": bands[key],
                "next_band": band,
                "score": facts.scores(windows[score_name])[key],
                "score_then": later.scores(windows[score_name])[key],
                "as_of": facts.as_of,
            }


def disqualified_contacts(facts: Facts) -> Iterator[Row]:
    """§6, §7: contact x rule, with its evidence and the score that it forfeits."""
    totals = facts.totals(90)
    for contact_id, found in facts.disqualified.items():
        for evidence in found:
            yield {
                "contact_id": contact_id,
                **facts.person(contact_id, ("email_address",)),
                **evidence,
                "forfeited_score_90d": totals["engagement", contact_id],
                "as_of": facts.as_of,
            }


def score_drivers(facts: Facts, windows: Iterable[int]) -> Iterator[Row]:
    """§7: score name x window x contact x rule that it earned from, disqualified or not."""
    for window in windows:
        for (name, contact_id, rule_id), one in facts.drivers[window].items():
            yield {
                "score_name": name,
                "window_days": window,
                "contact_id": contact_id,
                "rule_id": rule_id,
                "times_earned": one.times_earned,
                "points": one.points,
                "points_lost_to_cap": one.lost_to_cap,
                "is_disqualified": contact_id in facts.disqualified,
                "as_of": facts.as_of,
            }


def points_ledger(facts: Facts) -> Iterator[Row]:
    """§7: engagement x rule it matched, in the last 90 days, whoever's it is."""
    for entry in facts.ledger():
        yield {
            "event_id": entry.event.event_id,
            "source": entry.event.source,
            "occurred_at": entry.event.occurred_at,
            "contact_id": entry.event.contact_id,
            "rule_id": entry.rule.rule_id,
            "score_name": entry.rule.score_name,
            "points": entry.points,
            "is_repeat": entry.event.is_repeat,
            "machine_reason": entry.event.machine_reason,
            "earns": entry.earns,
            "as_of": facts.as_of,
        }


def rule_performance(facts: Facts) -> Iterator[Row]:
    """§7: every rule. Only its points leave out the disqualified; it last matched any time."""
    for rule in facts.rules:
        matched = [entry.event.occurred_at for entry in facts.entries if entry.rule == rule]
        earning = [entry for entry in facts.ledger() if entry.rule == rule and entry.earns]
        counted = [entry for entry in earning if entry.event.contact_id not in facts.disqualified]
        yield {
            "rule_id": rule.rule_id,
            "score_name": rule.score_name,
            "times_earned_90d": len(earning),
            "contacts_90d": len({entry.event.contact_id for entry in earning}),
            "points_90d": sum((entry.points for entry in counted), Decimal(0)),
            "last_matched_at": max(matched, default=None),
            "as_of": facts.as_of,
        }


def rejected_events(facts: Facts) -> Iterator[Row]:
    """§3.1, §7: the rejected rows, null for the columns that their table has not.

    `occurred_at` stands as it was written.
    """
    raw_fields = dict.fromkeys(column for source in ACTOR_COLUMNS for column in COLUMNS[source])
    for event in facts.events:
        if event.fate == "rejected":
            yield {
                **{column: event.row.get(column) for column in raw_fields},
                "is_machine": bool(event.row.get("is_machine")),
                "occurred_at": event.occurred_at_as_read,
                "source": event.source,
                "reason": event.reason,
            }


def scoring_status(facts: Facts) -> Iterator[Row]:
    """§3.3, §7: each event table's rows, read or accounted for, whatever as-of."""
    for source in ACTOR_COLUMNS:
        events = [event for event in facts.events if event.source == source]
        fates = [event.fate for event in events]
        received = [event.row["received_at"] for event in events]
        yield {
            "source": source,
            "rows_read": len(events),
            "engagements": fates.count("engagement"),
            "duplicates": fates.count("duplicate"),
            "conflicting_duplicates": conflicting_duplicates(events),
            "rejected": fates.count("rejected"),
            "erased": fates.count("erased"),
            "newest_received_at": max((at for at in received if at is not None), default=None),
            "as_of": facts.as_of,
        }


def score(
    raw: Tables,
    config: Tables,
    as_of: datetime,
    *,
    website_tracking: bool = True,
    require_consent: bool = True,
    machine_click_seconds: float = 5,
    windows: Iterable[int] = ALL_WINDOWS,
    erasures: Erasures | None = None,
) -> dict[str, list[Row]]:
    """§7: every mart that one build makes, by name; `windows` restricts the window marts.

    `erasures` are those of earlier builds since the last full refresh, and take in this one's.
    """
    if as_of - as_of.replace(hour=as_of.hour // 12 * 12, minute=0, second=0, microsecond=0):
        raise ValueError(f"as_of is off the 12 h grid: {as_of}")
    windows = list(windows)
    facts = collect(
        raw,
        config,
        as_of,
        website_tracking,
        require_consent,
        machine_click_seconds,
        windows,
        erasures or Erasures(),
    )
    drivers = list(fit_drivers(facts, raw, config))
    fit = list(fit_scores(facts, drivers, config))
    grades = list(lead_grades(facts, fit, config))
    contacts = list(contact_scores(facts, grades))
    marts = {
        "active_contacts": active_contacts(facts, windows),
        "contact_scores": contacts,
        "contact_list_scores": contact_list_scores(facts, raw, windows),
        "disqualified_contacts": disqualified_contacts(facts),
        "score_drivers": score_drivers(facts, windows),
        "points_ledger": points_ledger(facts),
        "rule_performance": rule_performance(facts),
        "rejected_events": rejected_events(facts),
        "scoring_status": scoring_status(facts),
        "fit_drivers": drivers,
        "fit_scores": fit,
        "lead_grades": grades,
        "account_scores": account_scores(facts, contacts, windows),
        "band_forecast": band_forecast(facts),
    }
    return {name: list(rows) for name, rows in marts.items()}


# The marts that remember --------------------------------------------------------------------

Said = dict[tuple[str, str], Row]  # (contact id, score name) -> its row of contact_scores


class Memory:
    """§7: the marts that remember, of a sequence of builds, told over from its start.

    Of the builds of one as-of the last counts, unless a newer as-of was built before it.
    """

    def __init__(self) -> None:
        self._builds: dict[datetime, Said] = {}
        self._drivers: dict[datetime, dict[DriverKey, Decimal]] = {}

    def build(
        self,
        as_of: datetime,
        contact_scores: Iterable[Row],
        score_bands: Sequence[Mapping[str, str | None]],
        active_contacts: Iterable[Row] = (),
        erased: Collection[str] = (),
        lead_grades: Iterable[Row] = (),
        score_drivers: Iterable[Row] = (),
    ) -> None:
        """Takes in one build, and forgets the contacts that it erased (§4).

        `active_contacts` is needed only for a band window that contact_scores has no column for.
        Whether a contact is sales-ready, and by which grade (of several the smallest), is
        remembered as it was at the build.
        """
        for said in self._builds.values():
            for key in [key for key in said if key[0] in erased]:
                del said[key]
        if any(as_of < built for built in self._builds):
            return  # a replay
        bands = read_bands(score_bands)
        windows = {band["score_name"]: band["window_days"] for band in bands}
        self._drivers[as_of] = {
            (row["score_name"], row["contact_id"], row["rule_id"]): row["points"]
            for row in score_drivers
            if row["window_days"] == windows.get(row["score_name"], 30)
        }
        ready = [row for row in lead_grades if row["is_sales_ready"]]
        grades = grouped(ready, lambda row: (row["contact_id"], row["score_name"]))
        active = {
            (row["contact_id"], row["score_name"], row["window_days"]): row["score"]
            for row in active_contacts
        }
        self._builds[as_of] = {}
        for row in contact_scores:
            contact_id, name = row["contact_id"], row["score_name"]
            window = windows.get(name)
            other = active.get((contact_id, name, window), cents(Decimal(0)))
            self._builds[as_of][contact_id, name] = {
                **row,
                "is_ready": row["is_sales_ready"],
                "grade": min(
                    (one["grade"] for one in grades.get((contact_id, name), [])), default=None
                ),
                "band_score": row.get(f"score_{window}d", other),
            }

    def score_history(self) -> list[Row]:
        """§7: a span for as long as status, band and score_30d of a contact stay as they are.

        The span of a contact that is no longer in contact_scores (merged away) is closed.
        """
        what = ("status", "band", "score_30d")
        spans: list[Row] = []
        open_spans: dict[tuple[str, str], Row] = {}
        for as_of, said in sorted(self._builds.items()):
            for key, span in list(open_spans.items()):
                if key not in said or any(said[key][column] != span[column] for column in what):
                    span["valid_to"] = as_of
                    del open_spans[key]
            for key, row in said.items():
                if key not in open_spans:
                    span = {column: row[column] for column in ("contact_id", "score_name", *what)}
                    open_spans[key] = span | {"valid_from": as_of, "valid_to": None}
                    spans.append(open_spans[key])
        return spans

    def score_changes(self, as_of: datetime) -> list[Row]:
        """TRUTH.md §4: the drivers that changed since the preceding as-of, but not what by.

        Of the contacts that are there; nothing of the first build, or of a replay.
        """
        *earlier, newest = sorted(self._drivers)
        if not earlier or as_of != newest:
            return []
        before, now = self._drivers[earlier[-1]], self._drivers[newest]
        people = {contact_id for contact_id, _ in self._builds[newest]}
        zero = cents(Decimal(0))
        return [
            {
                **dict(zip(("score_name", "contact_id", "rule_id"), key, strict=True)),
                "change": now.get(key, zero) - before.get(key, zero),
                "points": now.get(key, zero),
                "preceding_as_of": earlier[-1],
                "as_of": as_of,
            }
            for key in before.keys() | now.keys()
            if key[1] in people and now.get(key, zero) != before.get(key, zero)
        ]

    def sales_handoffs(self) -> list[Row]:
        """§7: each entry from outside the sales-ready bands, the first build included.

        `score` is that of the band window. Outside is also who was not in the build before.
        """
        columns = ("contact_id", "owner", "phone", "score_name", "band", "grade")
        handoffs: list[Row] = []
        before: Said = {}
        for as_of, said in sorted(self._builds.items()):
            for key, row in said.items():
                previous = before.get(key, {"is_ready": False, "band": None})
                if row["is_ready"] and not previous["is_ready"]:
                    handoff = {column: row[column] for column in columns}
                    handoff["score"] = row["band_score"]
                    handoff["handed_off_at"] = as_of
                    handoff["previous_band"] = previous["band"]
                    handoffs.append(handoff)
            before = said
        return handoffs
