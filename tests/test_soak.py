"""Weeks of the schedule over one database: arrivals, faults and edited rules, judged at each tick.

SOAK_TICKS (2) and SOAK_SEED (1) say how many and which; `make test-faults` is 100 of them.
"""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from conftest import DBT, NO_UNIT_TESTS, ROOT, Project, write_csv
from histories import HALF_DAY, Build, Row, Tables
from parity import MART_KEYS, differences_in, reference_marts, rows_of_mart
from reference_scorer import Erasures, Memory
from test_publishing import assert_whole, damage, kill_at

# the longest come first
pytestmark = pytest.mark.xdist_group("soak")

TICKS = int(os.environ.get("SOAK_TICKS", "2"))
SEED = int(os.environ.get("SOAK_SEED", "1"))
# the demo's events end with November the 15th: more ticks begin earlier
FIRST = min(datetime(2026, 10, 17), datetime(2026, 11, 16) - TICKS * HALF_DAY)
EVENTS = ("email_events", "web_events", "activities")
# when a row of the other tables came into being
SINCE = {
    "contacts": "created_at",
    "identities": "linked_at",
    "consents": "decided_at",
    "list_memberships": "added_at",
}
# rows turn up this much after their received_at; late_load_days is longer
LATE = timedelta(days=2)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=None)


def read(folder: Path) -> Tables:
    tables = {}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.DictReader(file))
    return tables


class Crm:
    """The demo's raw tables as they fill, with late rows, redelivered ones and deleted contacts."""

    def __init__(self, dice: random.Random, since: datetime, until: datetime) -> None:
        self._rows = read(ROOT / "seeds" / "demo")
        self._turns_up: list[tuple[datetime, str, Row]] = []
        for table in EVENTS:
            for row in self._rows.pop(table):
                # the demo has rows that nobody can read
                received = moment(row["received_at"] or "2026-01-01")
                late = dice.random() * LATE if dice.random() < 0.2 else timedelta(0)
                self._turns_up.append((received + late, table, row))
                if dice.random() < 0.05:
                    again = received + dice.random() * LATE
                    copy = row | {"received_at": again.isoformat(timespec="seconds")}
                    self._turns_up.append((again, table, copy))
        self._columns = {table: list(rows[0]) for table, rows in self._rows.items()}
        for row in dice.sample(self._rows["contacts"], 5):
            deleted = since + dice.random() * (until - since)
            row["deleted_at"] = row["updated_at"] = deleted.isoformat(timespec="seconds")

    def at(self, as_of: datetime) -> Tables:
        """What is in the raw tables at an instant."""
        tables: Tables = {table: [] for table in EVENTS}
        for turns_up, table, row in self._turns_up:
            if turns_up < as_of:
                tables[table].append(row)
        for table, rows in self._rows.items():
            since = SINCE.get(table)
            tables[table] = [
                row for row in rows if not since or not row[since] or moment(row[since]) < as_of
            ]
        not_yet = {"merged_into_contact_id": "", "deleted_at": ""}
        tables["contacts"] = [
            row if moment(row["updated_at"]) < as_of else row | not_yet
            for row in tables["contacts"]
        ]
        return tables

    def fill(self, folder: Path, as_of: datetime) -> None:
        """Write what is in the raw tables at an instant."""
        for table, rows in self.at(as_of).items():
            write_csv(folder, table, rows)


def edit(dice: random.Random, config: Tables) -> None:
    """Change a rule or another row of the config, as somebody might."""
    rules, bands = config["scoring_rules"], config["score_bands"]
    rule = dice.choice(rules)
    match dice.choice(("points", "cap", "half-life", "filter", "new", "gone", "band", "machine")):
        case "points":
            rule["points"] = str(dice.randint(-2, 20))
        case "cap":
            rule["max_points"] = dice.choice(("", "5", "12"))
        case "half-life":
            rule["half_life_days"] = dice.choice(("", "7", "30"))
        case "filter":
            page = dice.choice(("/pricing", "/docs/", "/products/"))
            filtered = next(row for row in rules if row["match_field"] == "page_url")
            filtered |= {"match_operator": "contains", "match_value": page}
        case "new":
            one_more = f"page_view_{len(rules)}_{dice.randrange(1000)}"
            rules.append(rule | {"rule_id": one_more, "points": "0.5"})
        case "gone" if len(rules) > 8:
            rules.remove(rule)
        case "band":
            hot = next(row for row in bands if row["band"] == "hot")
            hot["min_score"] = str(dice.randint(10, 30))
        case "machine":
            # one that changes nobody's marks, one that does
            pattern = dice.choice(("NoSuchMachine", "Firefox/131"))
            patterns = config["machine_user_agents"]
            known = [row for row in patterns if row["pattern"] == pattern]
            if known:
                patterns.remove(known[0])
            else:
                patterns.append({"pattern": pattern, "description": "an edit"})


class Operation:
    """What `make build` does for a tick, and what may come between."""

    def __init__(self, project: Project, dice: random.Random) -> None:
        self.project, self.dice = project, dice
        self.raw = project.path / "exports"
        self.config = read(project.path / "seeds" / "config")
        self.database_was_lost = False
        self.faults = {
            fault.__name__: fault
            for fault in (
                self.killed_build,
                self.killed_publication,
                self.half_a_file,
                self.no_file,
                self.header_only,
                self.unreadable_bytes,
                self.wrong_rule,
                self.failing_test,
                self.damaged_database,
                self.left_over_log,
                self.another_build_of_it,
            )
        }

    @property
    def published(self) -> Path:
        return self.project.path / "published"

    @property
    def current(self) -> Path:
        return (self.published / "current").resolve()

    def arrive(self, tables: Tables) -> None:
        self.tables = tables
        for table, rows in tables.items():
            write_csv(self.raw, table, rows)

    def write_config(self) -> None:
        for seed, rows in self.config.items():
            # a file without rows keeps its header
            header = (ROOT / "seeds" / "config" / f"{seed}.csv").read_text("utf-8").split("\n")[0]
            write_csv(self.project.path / "seeds" / "config", seed, rows, header.split(","))

    def command(self, as_of: datetime) -> list[str]:
        variables = {"raw_files": "exports", "as_of": as_of.isoformat(sep=" ")}
        return [DBT, "build", *NO_UNIT_TESTS, "--vars", json.dumps(variables)]

    def build(self, as_of: datetime) -> str | None:
        """Build and publish; what went wrong, or None."""
        done = self.project.command("recover")
        # whatever was killed, only what was damaged is set aside
        assert self.database_was_lost or "is damaged" not in done.stdout, done.stdout
        if not done.returncode:
            done = self.project.call(self.command(as_of))
        if not done.returncode:
            done = self.project.command("publish")
        return done.stdout if done.returncode else None

    def tick(self, as_of: datetime) -> None:
        assert not (why := self.build(as_of)), why
        manifest = assert_whole(self.current)
        assert manifest["as_of"] == as_of.isoformat(sep=" ")

    # What may go wrong before a tick that ends well. ------------------------------------------

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """What was published last is served."""
        before = self.current
        yield
        assert self.current == before
        if before.exists():
            assert_whole(before)

    def refused(self, as_of: datetime, why: str) -> None:
        with self.unchanged():
            assert why in (self.build(as_of) or "it was not refused")

    def killed_build(self, as_of: datetime) -> None:
        with self.unchanged():
            build = subprocess.Popen(
                self.command(as_of),
                cwd=self.project.path,
                env=self.project.environment,
                stdout=subprocess.DEVNULL,
            )
            try:
                build.wait(self.dice.uniform(3, 12))
            except subprocess.TimeoutExpired:
                build.kill()
                build.wait()

    def killed_publication(self, as_of: datetime) -> None:
        done = self.project.call(self.command(as_of))
        assert not done.returncode, done.stdout
        before = self.current
        killed = kill_at(self.project, self.dice.uniform(0.2, 1.5), "seconds")
        assert killed.returncode in (0, -signal.SIGKILL)
        if self.current != before or before.exists():
            assert_whole(self.current)

    def broken(self, as_of: datetime, why: str, content: Callable[[bytes], bytes | None]) -> None:
        """A raw table that is not there as it was."""
        file = self.raw / f"{self.dice.choice(('contacts', 'email_events', 'web_events'))}.csv"
        whole = file.read_bytes()
        file.unlink()
        if (broken := content(whole)) is not None:
            file.write_bytes(broken)
        self.refused(as_of, why)
        file.write_bytes(whole)

    def half_a_file(self, as_of: datetime) -> None:
        def half(whole: bytes) -> bytes:
            lines = whole.splitlines(keepends=True)
            return b"".join(lines[: len(lines) // 3])

        self.broken(as_of, "a part of it is missing", half)

    def no_file(self, as_of: datetime) -> None:
        self.broken(as_of, "is missing", lambda whole: None)

    def header_only(self, as_of: datetime) -> None:
        self.broken(as_of, "has 0 row(s)", lambda whole: whole.splitlines(keepends=True)[0])

    def unreadable_bytes(self, as_of: datetime) -> None:
        self.broken(as_of, "cannot be read as CSV in UTF-8", lambda whole: whole + b"\xff\xfe,\n")

    def wrong_rule(self, as_of: datetime) -> None:
        rule = self.config["scoring_rules"][0]
        right = rule["points"]
        rule["points"] = "many"
        self.write_config()
        self.refused(as_of, f"rule {rule['rule_id']}")
        rule["points"] = right
        self.write_config()

    def failing_test(self, as_of: datetime) -> None:
        test = self.project.path / "tests" / "assert_nobody_scores.sql"
        test.write_text("select contact_id from {{ ref('contact_scores') }}\n", "utf-8")
        self.refused(as_of, "assert_nobody_scores")
        test.unlink()

    def damaged_database(self, as_of: datetime) -> None:
        damage(self.project.database, self.dice.choice(("none at all", "half", "headers")))
        self.database_was_lost = True

    def left_over_log(self, as_of: datetime) -> None:
        Path(f"{self.project.database}.wal").write_bytes(b"garbage" * 1000)

    def another_build_of_it(self, as_of: datetime) -> None:
        self.tick(as_of)


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def judge(generation: Path, expected: dict[str, list]) -> None:
    database = str(generation / "contact_scoring.duckdb")
    with duckdb.connect(database, read_only=True) as connection:
        for mart in MART_KEYS:
            found = list(differences_in(0, mart, rows_of_mart(connection, mart), expected[mart]))
            assert not found, "\n".join(map(str, found[:10]))


@pytest.mark.parametrize("seed", [SEED])
def test_whatever_happens_every_tick_scores_as_the_reference_does(
    project: Project, seed: int
) -> None:
    dice = random.Random(seed)
    until = FIRST + TICKS * HALF_DAY
    crm, operation = Crm(dice, FIRST, until), Operation(project, dice)
    memory, erasures = Memory(), Erasures()
    # each of them once before any comes again
    faults: list[str] = []
    sizes = []
    for number in range(TICKS):
        as_of = FIRST + number * HALF_DAY
        if 0 < number < TICKS - 1 and dice.random() < 0.05:
            print(f"{as_of}: missed", flush=True)
            continue
        operation.arrive(crm.at(as_of))
        if number and dice.random() < 0.4:
            edit(dice, operation.config)
        operation.write_config()
        fault = None
        if number and dice.random() < 0.7:
            faults = faults or dice.sample(sorted(operation.faults), len(operation.faults))
            fault = faults.pop()
            operation.faults[fault](as_of)
        operation.tick(as_of)
        operation.database_was_lost = False
        build = Build(as_of, True, True, operation.config)
        judge(operation.current, reference_marts(build, operation.tables, memory, erasures))
        sizes.append(project.database.stat().st_size)
        print(f"{as_of}: {fault or 'well'}, {sizes[-1]:,} bytes", flush=True)

    assert len(list((operation.published / "generations").iterdir())) <= 3
    assert {path.name for path in operation.published.iterdir()} <= {
        ".lock", "current", "generations", "replays",
    }  # fmt: skip
    assert size_of(operation.published) < 4 * size_of(operation.current)
    assert size_of(project.database.parent) < 3 * max(sizes[:3])
