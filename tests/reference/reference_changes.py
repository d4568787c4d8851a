"""Brute force for `score_changes` (TRUTH.md §4): a driver for every mixture of then and now.

Each mixture is scored from raw rows: the rules and marks of now over the rows of then, then the
owners of now, and so on. Nothing is said about which row changed anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from histories import Build, Tables
from reference_scorer import (
    ACTOR_COLUMNS,
    DriverKey,
    Entry,
    Event,
    Rule,
    actor_owners,
    address_links,
    address_owners,
    assign,
    cents,
    consenting,
    contact_rows,
    driver,
    entries_of,
    erased_survivors,
    follow_merges,
    grouped,
    mark_duplicates,
    mark_machines,
    mark_repeats,
    newest_links,
    read,
    read_bands,
    read_events,
    read_rules,
    visitor_links,
)

CAUSES = ("by_rules", "by_owners", "by_late", "by_expired", "by_decayed", "by_new")
Drivers = dict[DriverKey, Decimal]


@dataclass(frozen=True)
class Input:
    """What a build was told, and the raw tables that it read."""

    build: Build
    raw: Tables

    @property
    def as_of(self) -> datetime:
        return self.build.as_of

    def windows(self) -> dict[str, int]:
        """The window of the bands by score name; 30 days without bands."""
        bands = read_bands(self.build.config["score_bands"])
        return {row["score_name"]: row["window_days"] for row in bands}


def engagements(told: Build, raw: Tables) -> list[Event]:
    """First copies, with the marks of these rules."""
    events = read_events(raw, told.website_tracking)
    mark_duplicates(events)
    found = [event for event in events if event.fate == "engagement"]
    mark_machines(found, told.config["machine_user_agents"], told.machine_click_seconds)
    mark_repeats(found)
    return found


def owned(events: list[Event], by: Input) -> set[str]:
    """Gives the events to whom they belong by this input; the contacts that are there."""
    rows_of = contact_rows(by.raw)
    contacts = {contact_id: rows[0] for contact_id, rows in rows_of.items()}
    older_rows = [row for rows in rows_of.values() for row in rows[1:]]
    survivors = follow_merges(contacts)
    erased = erased_survivors(contacts, survivors)
    identities = read(by.raw, "identities")
    links = address_links(identities, older_rows)
    addresses = address_owners(contacts, survivors, links, by.as_of)
    known = engagements(by.build, by.raw)
    visitors = newest_links(visitor_links(identities, known, addresses), contacts, by.as_of)
    owners = actor_owners(contacts, survivors, addresses, visitors)
    consents = read(by.raw, "consents")
    assign(events, owners, erased, consenting(consents, by.as_of, by.build.require_consent))
    return {one for one in contacts if survivors[one] == one and one not in erased}


def counted(
    events: list[Event],
    rules: list[Rule],
    windows: Mapping[str, int],
    at: datetime,
    still_at: datetime | None = None,
    weighed_at: datetime | None = None,
) -> Drivers:
    """The drivers at an as-of: of what still counts at a later one, weighed there or not."""
    # min_times are of the window of the bands here
    once = [replace(rule, min_times=1) for rule in rules]
    seen = [event for event in events if event.fate == "engagement" and event.occurred_at < at]

    def earning(moment: datetime) -> dict[tuple[int, str], Entry]:
        return {
            (id(entry.event), entry.rule.rule_id): entry
            for entry in entries_of(seen, once, moment)
            if entry.earns and is_inside(entry.event, entry.rule, windows, moment)
        }

    inside, still, weighed = earning(at), earning(still_at or at), earning(weighed_at or at)
    kept = [weighed[key] for key in inside if key in still]
    drivers: Drivers = {}
    for rule in rules:
        of_rule = [entry for entry in kept if entry.rule.rule_id == rule.rule_id]
        for contact_id, entries in grouped(of_rule, lambda one: one.event.contact_id).items():
            if len(entries) >= rule.min_times:
                points = driver(rule, entries).points
                drivers[rule.score_name, contact_id, rule.rule_id] = points
    return drivers


def is_inside(event: Event, rule: Rule, windows: Mapping[str, int], at: datetime) -> bool:
    return event.occurred_at >= at - timedelta(days=windows.get(rule.score_name) or 30)


def causes(then: Input, now: Input) -> Iterator[dict[str, object]]:
    """Every driver that changed, and by how much with each ingredient replaced, one by one."""
    rules, windows = read_rules(now.build.config), now.windows()
    # as they were, and what has come in since and had happened before
    late = {
        table: [
            row
            for place, row in enumerate(rows)
            if table not in ACTOR_COLUMNS
            or place < len(then.raw.get(table, []))
            or is_before(table, row, then.as_of)
        ]
        for table, rows in now.raw.items()
    }

    def drivers(raw: Tables, owners: Input, at: datetime, **later: datetime) -> Drivers:
        events = engagements(now.build, raw)
        owned(events, owners)
        return counted(events, rules, windows, at, **later)

    before = engagements(then.build, then.raw)
    owned(before, then)
    stages = [
        counted(before, read_rules(then.build.config), then.windows(), then.as_of),
        drivers(then.raw, then, then.as_of),
        drivers(then.raw, now, then.as_of),
        drivers(late, now, then.as_of),
        drivers(late, now, then.as_of, still_at=now.as_of),
        drivers(late, now, then.as_of, still_at=now.as_of, weighed_at=now.as_of),
        drivers(now.raw, now, now.as_of),
    ]
    people = owned([], now)
    for key in sorted({key for stage in stages for key in stage}):
        points = [stage.get(key, cents(Decimal(0))) for stage in stages]
        if key[1] in people and points[0] != points[-1]:
            changes = [after - before for before, after in pairwise(points)]
            yield {
                **dict(zip(("score_name", "contact_id", "rule_id"), key, strict=True)),
                **dict(zip(CAUSES, changes, strict=True)),
                "change": points[-1] - points[0],
                "points": points[-1],
                "preceding_as_of": then.as_of,
                "as_of": now.as_of,
            }


def is_before(table: str, row: Mapping[str, str | None], at: datetime) -> bool:
    (event,) = read_events({table: [dict(row)]}, website_tracking=True)
    return event.row["occurred_at"] is None or event.occurred_at < at
