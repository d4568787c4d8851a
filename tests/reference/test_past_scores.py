"""The panel is that of full refreshes at each past as-of, without any event row received later.

PAST_HISTORIES (20), PAST_SEED (1) and PAST_SIZE (20, histories in one build) say how many and
which: the same numbers always make the same histories. Nobody is erased in them: an erasure has no
date, so it is taken as it is today.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from hashlib import md5
from itertools import product
from typing import Any

import pytest
from histories import OPERATORS, Build, Dice, batch, drawn, outcomes, unite
from parity import Project, ServerProject, project_root
from reference_scorer import (
    ACTOR_COLUMNS,
    ALL_WINDOWS,
    COLUMNS,
    DAY,
    Erasures,
    Event,
    Facts,
    Row,
    Tables,
    boolean,
    collect,
    drivers_of,
    entries_of,
    holds,
    text,
    time,
)

from tools import postgres

HISTORIES = int(os.environ.get("PAST_HISTORIES", "20"))
SEED = int(os.environ.get("PAST_SEED", "1"))
SIZE = int(os.environ.get("PAST_SIZE", "20"))
STARTS = range(SEED, SEED + HISTORIES, SIZE)

# as-of, contact, rule, whether machines earn, window -> times, points
Drivers = dict[tuple[datetime, str, str, bool, int], tuple[int, Decimal]]
# outcome, as-of, contact -> whether it comes
Rows = dict[tuple[str, datetime, str], int]
# a build, its raw tables and the variables of its evaluation
Story = tuple[Build, dict[str, list[Row]], dict[str, int]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(project_root(), tmp_path_factory.mktemp("past"))


# The reference ------------------------------------------------------------------------------


class Past:
    """What a full refresh at a past as-of gives, and one of today."""

    def __init__(self, tables: Tables, build: Build, variables: Mapping[str, int]) -> None:
        self.tables, self.build, self.variables = tables, build, variables
        self.today = self.facts(tables, build.as_of)
        self._facts_at: dict[datetime, Facts] = {}

    def facts(self, tables: Tables, moment: datetime, windows: Sequence[int] = ()) -> Facts:
        build = self.build
        settings = build.website_tracking, build.require_consent, build.machine_click_seconds
        return collect(tables, build.config, moment, *settings, windows, Erasures())

    def at(self, moment: datetime) -> Facts:
        if moment not in self._facts_at:
            known = {
                table: [row for row in rows if table not in ACTOR_COLUMNS or is_known(row, moment)]
                for table, rows in self.tables.items()
            }
            self._facts_at[moment] = self.facts(known, moment, [*ALL_WINDOWS])
        return self._facts_at[moment]

    def as_ofs(self, outcome: Row) -> list[datetime]:
        """The oldest first; the newest is the last midnight after which all is over."""
        days = int(outcome["horizon_days"]) + self.variables["evaluation_settle_days"]
        newest = self.build.as_of - days * DAY
        newest = newest.replace(hour=0)
        step = self.variables["evaluation_step_days"]
        number = self.variables["evaluation_as_ofs"]
        return [newest - place * step * DAY for place in reversed(range(number))]

    def contacts(self) -> set[str]:
        """Those that are looked at."""

        def hashed(contact: str) -> str:
            return md5(contact.encode()).hexdigest()  # noqa: S324

        by_hash = sorted(self.today.people, key=hashed)
        return {*by_hash[: self.variables["evaluation_contacts"]]}

    def drivers(self) -> Drivers:
        found: Drivers = {}
        looked_at = self.contacts()
        for moment in {one for row in self.build.config["outcomes"] for one in self.as_ofs(row)}:
            facts = self.at(moment)
            with_machines = drivers_of(earning_with_machines(facts), moment, ALL_WINDOWS)
            for machines, drivers in ((False, facts.drivers), (True, with_machines)):
                for window in ALL_WINDOWS:
                    for (_, contact, rule), one in drivers[window].items():
                        if contact in looked_at:
                            key = moment, contact, rule, machines, window
                            found[key] = one.times_earned, one.points
        return found

    def rows(self) -> Rows:
        found: Rows = {}
        for outcome in self.build.config["outcomes"]:
            name, repeats = outcome["outcome"], boolean(outcome["repeats"])
            comes = moments_of(outcome, self.today)
            for moment in self.as_ofs(outcome):
                facts = self.at(moment)
                had = moments_of(outcome, facts)
                for contact in self.contacts():
                    if contact in facts.disqualified:
                        continue
                    if not repeats and any(one < moment for one in had.get(contact, ())):
                        continue
                    counted = sorted(comes.get(contact, []))
                    counted = counted if repeats else counted[:1]
                    end = moment + int(outcome["horizon_days"]) * DAY
                    found[name, moment, contact] = int(any(moment <= one < end for one in counted))
        return found


def is_known(row: Mapping[str, str | None], moment: datetime) -> bool:
    received = time(row.get("received_at")) or time(row.get("occurred_at"))
    return received is not None and received < moment


def moments_of(outcome: Row, facts: Facts) -> dict[str, list[datetime]]:
    """When contacts had an outcome, by those facts."""
    found: dict[str, list[datetime]] = {}
    for event in facts.events:
        is_outcome = (
            event.fate == "engagement"
            and event.machine_reason is None
            and event.contact_id is not None
            and event.event_type == outcome["event_type"]
            and passes(outcome, event)
        )
        if is_outcome:
            found.setdefault(event.contact_id or "", []).append(event.occurred_at)
    return found


def passes(outcome: Row, event: Event) -> bool:
    if not text(outcome.get("match_value")):
        return True
    value = event.row.get(outcome["match_field"])
    return holds(value, outcome["match_operator"], outcome["match_value"])


def earning_with_machines(facts: Facts) -> Iterator[Any]:
    """What would earn if machines did: all else, whose and whether a repeat, stays as it is."""
    seen = [
        replace(event, machine_reason=None)
        for event in facts.events
        if event.fate == "engagement" and event.occurred_at < facts.as_of
    ]
    return (entry for entry in entries_of(seen, facts.rules, facts.as_of) if entry.earns)


# The project --------------------------------------------------------------------------------

DRIVERS = """
    select
        steps.past_as_of, contacts.contact_id, rules.rule_id, machines.with_machines,
        steps.from_window, steps.to_window, steps.times_earned, steps.points,
        steps.times_change, steps.points_change
    from evaluation.past_steps as steps
    inner join (values (false), (true)) as machines (with_machines)
        on steps.with_machines = machines.with_machines or not steps.has_machines
    inner join engagement.present_contacts as contacts using (contact)
    inner join staging.stg_scoring_rules as rules using (rule_number)
    order by 1, 2, 3, 4, 5
"""
ROWS = """
    select outcome_rows.outcome, outcome_rows.past_as_of, contacts.contact_id, outcome_rows.y
    from evaluation.outcome_rows as outcome_rows
    inner join engagement.present_contacts as contacts using (contact)
"""


def read_drivers(project: Project) -> Drivers:
    """The steps as windows; the changes of a driver's steps add up to it."""
    found: Drivers = {}
    sums: dict[tuple[Any, ...], tuple[int, Decimal]] = {}
    for *driver, first, last, times, points, more, added in project.rows(DRIVERS):
        before = sums.get(tuple(driver), (0, Decimal(0)))
        sums[tuple(driver)] = times, points
        assert (times, points) == (before[0] + more, before[1] + added)
        for window in range(first, last + 1):
            key = (*driver, window)
            assert key not in found
            found[key] = times, points
    return found


def read_rows(project: Project) -> Rows:
    rows = project.rows(ROWS)
    found = {tuple(key): y for *key, y in rows}
    assert len(found) == len(rows)
    return found


# Comparing ----------------------------------------------------------------------------------


def told(what: str, by_dbt: Mapping[Any, Any], by_reference: Mapping[Any, Any]) -> str:
    """The first cells that differ; nothing if none does."""
    keys = [
        key
        for key in by_dbt.keys() | by_reference.keys()
        if by_dbt.get(key) != by_reference.get(key)
    ]
    lines = [
        f"{what} {key}: {by_dbt.get(key)} by dbt, {by_reference.get(key)} by the reference"
        for key in sorted(keys, key=str)[:20]
    ]
    return "\n".join([f"{len(keys)} of {what} differ", *lines]) if keys else ""


def story(start: int, size: int) -> Story:
    """A build, its raw tables without deletions, and the variables of its evaluation."""
    (build, *_), histories = batch(start, size, is_dense=True)
    tables = unite(histories)[0]
    for row in tables["contacts"]:
        row["deleted_at"] = None
    dice = Dice(lambda strategy: drawn(strategy, next(seeds)))
    seeds = iter(range(start, start + 1000))
    build = replace(build, config=build.config | {"outcomes": outcomes(dice, build)})
    variables = {
        "evaluation_as_ofs": dice.of((12, 20, 30)),
        "evaluation_step_days": dice.of((1, 2, 3, 7)),
        "evaluation_settle_days": dice.of((0, 0, 3)),
        "evaluation_contacts": dice.of((1000, 1000, 20)),
    }
    return build, tables, variables


def build_story(project: Project, told_story: Story) -> None:
    build, tables, _ = told_story
    columns = {
        table: [name for name in names if f"{table}.{name}" not in build.absent]
        for table, names in COLUMNS.items()
    }
    project.empty()
    project.marts(build, tables, columns)


def difference(project: Project, told_story: Story) -> str:
    """In what the panel of a story that was built is not as the reference has it."""
    build, tables, variables = told_story
    project.evaluate(build, variables)
    past = Past(tables, build, variables)
    drivers = told("drivers", read_drivers(project), past.drivers())
    rows = told("rows", read_rows(project), past.rows())
    return "\n".join(part for part in (rows, drivers) if part)


@pytest.mark.parametrize("start", STARTS)
def test_the_panel_is_that_of_full_refreshes(project: Project, start: int) -> None:
    told_story = story(start, min(SIZE, SEED + HISTORIES - start))
    build_story(project, told_story)
    found = difference(project, told_story)
    assert not found, found


@pytest.mark.long
def test_the_panel_is_the_same_on_postgresql(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: postgres.Server
) -> None:
    folder = tmp_path_factory.mktemp("past_on_postgres")
    project = ServerProject(project_root(), folder, postgres_server)
    told_story = story(SEED, SIZE // 2)
    build_story(project, told_story)
    found = difference(project, told_story)
    assert not found, found


# What must not be known yet: what is planted -> the file, what stands there and what is put there
LEAKS = {
    "today's score": (
        "on_request/evaluation/past_periods.sql",
        "past_as_ofs.past_day - cast",
        "(select max(past_day) from past_as_ofs) - cast",
    ),
    "today's disqualified": (
        "on_request/evaluation/past_disqualifications.sql",
        "on {{ holds_at('past_as_ofs.past_day', 'occurred') }}",
        "on true",
    ),
    "a window that is shifted by a day": (
        "on_request/evaluation/past_periods.sql",
        "past_as_ofs.past_day - cast",
        "past_as_ofs.past_day + 1 - cast",
    ),
    "late rows that count early": (
        "macros/evaluation.sql",
        "and {{ holds_at(periods ~ '.past_day', counts) }}",
        "and {{ counts }}.until_day >= {{ periods }}.past_day",
    ),
    "a link of later": (
        "on_request/evaluation/past_visitor_owners.sql",
        "on {{ holds_at('past_as_ofs.past_day', 'links') }}",
        "on true",
    ),
}


@pytest.mark.long
def test_a_planted_leak_is_found(project: Project) -> None:
    told_story = story(SEED, SIZE)
    build_story(project, told_story)
    for leak, (name, guard, planted) in LEAKS.items():
        file = project.folder / name
        sql = file.read_text("utf-8")
        assert sql.count(guard) == 1, leak
        file.write_text(sql.replace(guard, planted), "utf-8")
        assert difference(project, told_story), leak
        file.write_text(sql, "utf-8")
    assert not difference(project, told_story)


# A rule that is the outcome -----------------------------------------------------------------

VALUES = ("a", "b", "ab", "ba", "aa")
# enough letters to begin with one text, hold another, end with a third, and be none of them
SHORT_TEXTS = [None, *("".join(some) for n in range(1, 6) for some in product("abc", repeat=n))]


def test_a_rule_is_left_out_unless_its_filter_excludes_the_outcome_for_certain(
    project: Project,
) -> None:
    """Two filters exclude each other if no text, nor its absence, passes both."""
    filters = [*product(OPERATORS, VALUES)]
    (build, *_), _ = batch(SEED, 0)
    blank = dict.fromkeys(build.config["scoring_rules"][0])
    names = "match_field", "match_operator", "match_value"
    same = [dict(zip(names, ("page_url", *one), strict=True)) for one in filters]
    config = build.config | {
        "scoring_rules": [
            blank | {"rule_id": f"r{place}", "event_type": "page_view", "points": "1"} | one
            for place, one in enumerate(same)
        ],
        "scoring_rule_conditions": [],
        "outcomes": [
            {"outcome": f"o{place}", "event_type": "page_view", "horizon_days": "1"}
            | {"is_wanted": "true", **one}
            for place, one in enumerate(same)
        ],
        "fit_rules": [],
        "lead_grades": [],
        "score_bands": [],
    }
    contact = {"contact_id": "c", "email_address": "c@x.io"}
    view: Row = {"event_id": "e", "event_type": "page_view", "occurred_at": "2026-01-01"}
    tables = {"contacts": [contact], "web_events": [view | {"visitor_id": "v"}]}
    build = replace(build, config=config, website_tracking=True)
    project.empty()
    project.marts(build, tables, COLUMNS)
    project.evaluate(build, {"evaluation_as_ofs": 1})
    found = """
        select outcomes.outcome, rules.rule_id, outcomes.is_outcome
        from evaluation.outcome_rules as outcomes
        inner join staging.stg_scoring_rules as rules using (rule_number)
    """
    judged = {(outcome, rule): one for outcome, rule, one in project.rows(found)}
    passing = [{value for value in SHORT_TEXTS if holds(value, *one)} for one in filters]
    assert judged == {
        (f"o{first}", f"r{second}"): bool(passing[first] & passing[second])
        for first, second in product(range(len(filters)), repeat=2)
    }
