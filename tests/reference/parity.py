"""Builds the dbt project over random histories and judges its marts by the reference scorer.

    PYTHONPATH=. python tests/reference/parity.py --histories 2000 --seed 1 --builds 6 --save NAME

One build judges many histories, each in an id space of its own; over one database there may be
several, one after the other, each judged as if it were the first but for the marts that remember
and for erasures. Rows come in before any of them, however late they were received (§5).
The first history that differs is shrunk, as are its builds, and saved as a case that
test_parity.py replays from then on. The project is copied, so nothing of it is written; it is the
one that holds this file, or that of the environment variable CONTACT_SCORING_PROJECT.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import pickle
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest
from histories import FILTER, Build, History, Row, Tables, batch, sound_grades, unite
from reference_scorer import (
    ACTOR_COLUMNS,
    COLUMNS,
    Erasures,
    Memory,
    erased_contacts,
    score,
    trimmed,
)

from tools import postgres, snowflake, spark

HERE = Path(__file__).parent
CASES = HERE / "cases"
MartRow = Mapping[str, Any]

MART_KEYS = {
    "active_contacts": ("score_name", "window_days", "contact_id"),
    "contact_scores": ("score_name", "contact_id"),
    "contact_list_scores": ("list_id", "contact_id", "score_name", "window_days"),
    "disqualified_contacts": ("contact_id", "event_type"),
    "score_drivers": ("score_name", "window_days", "contact_id", "rule_id"),
    "points_ledger": ("source", "event_id", "rule_id"),
    "rule_performance": ("rule_id",),
    "score_history": ("contact_id", "score_name", "valid_from"),
    "sales_handoffs": ("contact_id", "score_name", "handed_off_at"),
    "rejected_events": ("source", "event_id", "reason"),
    "scoring_status": ("source",),
    "fit_scores": ("score_name", "contact_id"),
    "fit_drivers": ("score_name", "contact_id", "rule_id"),
    "lead_grades": ("contact_id", "fit_score_name", "score_name"),
    "account_scores": ("score_name", "account_id", "window_days"),
    "band_forecast": ("score_name", "contact_id"),
    "score_changes": ("score_name", "contact_id", "rule_id"),
}
CONFIG_KEYS = {
    "scoring_rules": ("rule_id",),
    "scoring_rule_conditions": ("rule_id", *FILTER),
    "fit_rules": ("rule_id",),
    "disqualification_rules": ("event_type",),
    "score_bands": ("score_name", "band"),
    "lead_grades": ("fit_score_name", "fit_band", "score_name", "band"),
    "machine_user_agents": ("pattern",),
    "outcomes": ("outcome",),
}
ENGINES = ("duckdb", "postgres", "spark", "snowflake")
FOLDERS = ("macros", "models", "on_request", "at_home", "seeds", "tests")
THE_BUILD = "(the build)"  # stands for a mart where the build failed
REQUIRED_COLUMNS = {
    "contacts": COLUMNS["contacts"][:2],
    "identities": COLUMNS["identities"][:3],
    **{source: COLUMNS[source][:4] for source in ACTOR_COLUMNS},
    "consents": COLUMNS["consents"],
    "lists": COLUMNS["lists"][:1],
    "list_memberships": COLUMNS["list_memberships"][:2],
    "attributes": COLUMNS["attributes"][:3],
}


# Building -----------------------------------------------------------------------------------


class BuildError(Exception):
    """dbt did not build the marts."""


def project_root() -> Path:
    """The dbt project to judge."""
    if given := os.environ.get("CONTACT_SCORING_PROJECT"):
        return Path(given)
    return next(folder for folder in HERE.parents if (folder / "dbt_project.yml").exists())


def write_csv(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(columns), extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


class Project:
    """A copy of the dbt project, built again and again in this process, on DuckDB."""

    target = "duckdb"

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self.raw: dict[str, str] = {}  # the variable that names the raw tables
        self._manifests: dict[Hashable, bytes] = {}
        for part in ("dbt_project.yml", "profiles.yml", *FOLDERS):
            if (root / part).is_dir():
                ignored = shutil.ignore_patterns("*.py", "__pycache__", "cases")
                shutil.copytree(root / part, folder / part, ignore=ignored)
            else:
                shutil.copy(root / part, folder / part)

    def empty(self) -> None:
        """Begins with a new database."""
        shutil.rmtree(self.folder / "work", ignore_errors=True)
        (self.folder / "work").mkdir()

    def marts(
        self, build: Build, tables: Tables, columns: Mapping[str, Iterable[str]]
    ) -> dict[str, list[MartRow]]:
        """Every mart after a build over what earlier ones have left."""
        for seed in CONFIG_KEYS:
            path = self.folder / "seeds" / "config" / f"{seed}.csv"
            with path.open(encoding="utf-8") as file:
                names = next(csv.reader(file))
            # a case of an earlier version has no rows of a newer file
            write_csv(path, names, build.config.get(seed, []))
        self.raw = self.load(tables, columns)
        self._run_dbt(build, self.raw)
        return self.read()

    def load(self, tables: Tables, columns: Mapping[str, Iterable[str]]) -> dict[str, str]:
        """Puts the raw tables in the place of earlier ones; the variable that names them."""
        raw = self.folder / "raw"
        shutil.rmtree(raw, ignore_errors=True)
        raw.mkdir()
        for table, rows in tables.items():
            write_csv(raw / f"{table}.csv", columns[table], rows)
        return {"raw_files": str(raw)}

    @property
    def environment(self) -> dict[str, str]:
        work = self.folder / "work"
        return {
            "CONTACT_SCORING_DB": str(work / "parity.duckdb"),
            "CONTACT_SCORING_TEMP_DIRECTORY": str(work / "spill"),
            "CONTACT_SCORING_THREADS": "2",
        }

    def read(self, marts: Iterable[str] = MART_KEYS) -> dict[str, list[MartRow]]:
        database = self.environment["CONTACT_SCORING_DB"]
        with duckdb.connect(database, read_only=True) as connection:
            return {mart: rows_of_mart(connection, mart) for mart in marts}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the database of the last build."""
        database = self.environment["CONTACT_SCORING_DB"]
        with duckdb.connect(database, read_only=True) as connection:
            return connection.execute(query).fetchall()

    def _run_dbt(self, build: Build, raw: Mapping[str, str]) -> None:
        what = ["--exclude", "tag:demo", "--exclude-resource-type", "test"]
        what += ["--exclude-resource-type", "unit_test"]
        what += ["--full-refresh"] if build.full_refresh else []
        flags = build.website_tracking, build.require_consent, build.machine_click_seconds
        built = self.dbt_build(variables_of(build, raw), what, parsed_as=flags)
        if not built.success:
            raise BuildError(message_of(built))

    def evaluate(self, build: Build, variables: Mapping[str, object]) -> None:
        """The evaluation of the last build's input, with variables of its own."""
        given = variables_of(build, self.raw) | variables
        what = ["--select", "tag:evaluation", "--exclude-resource-type", "unit_test"]
        with patch.dict(os.environ, CONTACT_SCORING_EVALUATION="true"):
            built = self.dbt_build(given, what, parsed_as=None)
        if not built.success:
            raise BuildError(message_of(built))

    def dbt_build(
        self,
        variables: Mapping[str, object],
        what: Sequence[str],
        parsed_as: Hashable | None,
        callbacks: Sequence[Callable[[Any], None]] = (),
    ) -> dbtRunnerResult:
        """`dbt build` in this process. What dbt parsed is kept under a name, and not without one.

        Changed variables alone make dbt read every file again: 3 s that no build needs.
        """
        options = ["--vars", json.dumps(variables, ensure_ascii=False)]
        options += ["--project-dir", str(self.folder), "--profiles-dir", str(self.folder)]
        options += ["--target", self.target, "--target-path", str(self.folder / "target")]
        options += ["--log-path", str(self.folder / "work")]
        options += ["--log-level", "none", "--log-level-file", "none"]
        with patch.dict(os.environ, self.environment), contextlib.chdir(self.folder):
            manifest = self._manifest(parsed_as, options) if parsed_as is not None else None
            try:
                return dbtRunner(manifest, list(callbacks)).invoke(["build", *what, *options])
            finally:
                DuckDBConnectionManager.close_all_connections()  # or the file stays locked

    def _manifest(self, parsed_as: Hashable, options: Sequence[str]) -> Manifest:
        """One for each build: a build leaves its ephemeral models marked as written out."""
        if parsed_as not in self._manifests:
            parsed = dbtRunner().invoke(["parse", *options])
            if not parsed.success:
                raise parsed.exception or BuildError("dbt does not parse the project")
            for name in vars(parsed.result):
                # dbt pickles these in one order and reads them in another; it makes them anew
                if name.endswith("_lookup"):
                    setattr(parsed.result, name, None)
            self._manifests[parsed_as] = pickle.dumps(parsed.result)
        return pickle.loads(self._manifests[parsed_as])  # noqa: S301


def variables_of(build: Build, raw: Mapping[str, str]) -> dict[str, object]:
    """What dbt is told of a build."""
    return {
        **raw,
        "as_of": build.as_of.isoformat(sep=" "),
        "website_tracking": build.website_tracking,
        "require_consent": build.require_consent,
        "machine_click_seconds": build.machine_click_seconds,
        # histories are small, and erasures take much of them out of the raw tables
        "accept_raw_tables": True,
    }


def message_of(built: dbtRunnerResult) -> str:
    """What failed in a build, or why it did not begin."""
    failed = [node.message for node in built.result or () if node.status in ("error", "fail")]
    return "\n".join(map(str, failed or [built.exception]))


class ServerProject(Project):
    """The same on a server, with text alone in its raw tables."""

    def __init__(
        self,
        root: Path,
        folder: Path,
        server: postgres.Server | spark.Cluster | snowflake.Emulator,
    ) -> None:
        super().__init__(root, folder)
        self._server = server
        self.target = server.target

    @property
    def environment(self) -> dict[str, str]:
        return self._server.environment

    def empty(self) -> None:
        super().empty()
        self._server.empty()

    def load(self, tables: Tables, columns: Mapping[str, Iterable[str]]) -> dict[str, str]:
        super().load(tables, columns)
        self._server.load(self.folder / "raw", "crm")
        return {"raw_schema": "crm"}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._server.cursor() as cursor:
            cursor.execute(query)
            return [tuple(row) for row in cursor.fetchall()]

    def read(self, marts: Iterable[str] = MART_KEYS) -> dict[str, list[MartRow]]:
        with self._server.cursor() as cursor:
            return {mart: rows_of_mart(cursor, mart) for mart in marts}


def rows_of_mart(cursor: Any, mart: str) -> list[MartRow]:
    found = cursor.execute(f"select * from marts.{mart}") or cursor
    # Spark's client names the table, too; Snowflake has names in capitals
    columns = [column[0].rpartition(".")[2].lower() for column in found.description]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


# Judging ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One cell, or one row (without a column), in which a mart is not as the reference has it."""

    build: int  # 0 is the first
    history: int | None  # None: the row does not say whose it is
    mart: str
    key: tuple[Any, ...]
    column: str | None
    dbt: Any
    reference: Any

    def __str__(self) -> str:
        key = ", ".join(map(repr, self.key))
        where = f"{self.mart}[{key}].{self.column or '*'}"
        by_dbt, by_reference = (
            "a row" if isinstance(value, dict) else value for value in (self.dbt, self.reference)
        )
        after = f" after build {self.build + 1}" if self.build else ""
        return f"{where}{after}: {by_dbt!r} by dbt, {by_reference!r} by the reference"


def reference_marts(
    build: Build, tables: Tables, memory: Memory, erasures: Erasures
) -> dict[str, list[MartRow]]:
    """The marts of a build after those that the memory and the erasures have taken in."""
    marts: dict[str, list[MartRow]] = score(
        tables,
        build.config,
        build.as_of,
        website_tracking=build.website_tracking,
        require_consent=build.require_consent,
        machine_click_seconds=build.machine_click_seconds,
        erasures=erasures,
    )
    memory.build(
        build.as_of,
        marts["contact_scores"],
        build.config["score_bands"],
        marts["active_contacts"],
        erased_contacts(tables),
        marts["lead_grades"],
        marts["score_drivers"],
    )
    marts |= {
        "score_history": memory.score_history(),
        "sales_handoffs": memory.sales_handoffs(),
        # what by, test_score_changes.py asks
        "score_changes": memory.score_changes(build.as_of),
    }
    return marts


def history_of(row: MartRow) -> int | None:
    """The number of the history that a row of a mart is from, as one of its ids says."""
    for value in row.values():
        if isinstance(value, str) and (found := re.match(r"h(\d+)_", trimmed(value))):
            return int(found[1])
    return None


def differences_in(
    number: int, mart: str, dbt_rows: Sequence[MartRow], reference_rows: Sequence[MartRow]
) -> Iterator[Difference]:
    """What is in one of them only; rows of one key are paired to name the columns at fault."""
    columns = list((reference_rows or dbt_rows or [{}])[0])

    def counted(rows: Sequence[MartRow]) -> Counter[tuple[Any, ...]]:
        return Counter(tuple(row.get(column, "no column") for column in columns) for row in rows)

    def by_key(rows: Counter[tuple[Any, ...]]) -> dict[tuple[Any, ...], list[dict[str, Any]]]:
        groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for values in sorted(rows.elements(), key=repr):
            row = dict(zip(columns, values, strict=True))
            groups.setdefault(tuple(row[column] for column in MART_KEYS[mart]), []).append(row)
        return groups

    ours, theirs = counted(dbt_rows), counted(reference_rows)
    by_dbt, by_reference = by_key(ours - theirs), by_key(theirs - ours)
    for key in sorted(by_dbt.keys() | by_reference.keys(), key=repr):
        left, right = by_dbt.get(key, []), by_reference.get(key, [])
        for row, wanted in zip(left, right, strict=False):
            history = history_of(wanted)
            for column in columns:
                if row[column] != wanted[column]:
                    values = row[column], wanted[column]
                    yield Difference(number, history, mart, key, column, *values)
        for row in left[len(right) :]:
            yield Difference(number, history_of(row), mart, key, None, row, "no row")
        for row in right[len(left) :]:
            yield Difference(number, history_of(row), mart, key, None, "no row", row)


def differences(
    project: Project, builds: Sequence[Build], histories: Sequence[History]
) -> list[Difference]:
    """The cells in which the first build that is not as the reference has it differs."""
    project.empty()
    memory, erasures = Memory(), Erasures()
    raw = unite(histories)
    # the same at every build: a table that gets another column is read anew
    columns = {
        table: dict.fromkeys((*REQUIRED_COLUMNS[table], *(name for row in rows for name in row)))
        for table, rows in raw[-1].items()
    }
    for number, (build, tables) in enumerate(zip(builds, raw, strict=True)):
        if build.full_refresh or (
            number and build.website_tracking != builds[number - 1].website_tracking
        ):
            erasures = Erasures()
        expected = reference_marts(build, tables, memory, erasures)
        try:
            marts = project.marts(build, tables, columns)
        except BuildError as error:
            return [Difference(number, None, THE_BUILD, (), None, str(error), "no error")]
        found = [
            difference
            for mart in MART_KEYS
            for difference in differences_in(number, mart, marts[mart], expected[mart])
        ]
        if found:
            return found
    return []


# Shrinking ----------------------------------------------------------------------------------

Piece = tuple[tuple[int, str, int, str | None], ...]  # cells, or rows, of a build's tables
OPTIONAL_SETTINGS = (
    FILTER, ("score_name",), ("counts_repeats",), ("max_points",), ("min_times",),
    ("expires_after_days",), ("half_life_days",), ("valid_from",), ("valid_to",),
    ("description",), ("cleared_by",),
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A history that differed once, or several that differ only together, under its builds."""

    why: str
    builds: tuple[Build, ...]
    histories: tuple[History, ...]

    def save(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        content = asdict(self)
        for build in content["builds"]:
            build["config"] = {
                seed: [{column: value for column, value in row.items() if value} for row in rows]
                for seed, rows in build["config"].items()
            }
        text = json.dumps(content, default=datetime.isoformat, indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Case:
        content = json.loads(path.read_text(encoding="utf-8"))
        for build in content["builds"]:
            build["as_of"] = datetime.fromisoformat(build["as_of"])
            build["absent"] = tuple(build["absent"])
        builds = tuple(Build(**build) for build in content["builds"])
        return cls(content["why"], builds, tuple(content["histories"]))


def rows_of(history: History) -> list[Piece]:
    return [
        ((build, table, place, None),)
        for build, tables in enumerate(history)
        for table, rows in tables.items()
        for place in range(len(rows))
    ]


def cells_of(history: History) -> list[Piece]:
    return [
        ((*row[:3], column),)
        for (row,) in rows_of(history)
        for column in history[row[0]][row[1]][row[2]]
    ]


def settings_of(configs: Sequence[Tables]) -> list[Piece]:
    """The rows of the configs of some builds, each with its likes in the others."""
    alike: dict[tuple[str | None, ...], Piece] = {}
    for ((build, table, place, _),) in rows_of(list(configs)):
        row = configs[build][table][place]
        key = (table, *(row.get(column) for column in CONFIG_KEYS[table]))
        alike[key] = (*alike.get(key, ()), (build, table, place, None))
    return list(alike.values())


def options_of(configs: Sequence[Tables]) -> list[Piece]:
    """What is set in those rows and may be left out."""
    pieces = [
        tuple(
            (build, table, place, column)
            for build, table, place, _ in rows
            for column in columns
            if configs[build][table][place].get(column)
        )
        for rows in settings_of(configs)
        for columns in OPTIONAL_SETTINGS
    ]
    return [piece for piece in pieces if piece]


def without(history: History, pieces: Iterable[Piece]) -> History:
    gone = {part for piece in pieces for part in piece}
    return [
        {
            table: [
                {
                    column: value
                    for column, value in row.items()
                    if (build, table, place, column) not in gone
                }
                for place, row in enumerate(rows)
                if (build, table, place, None) not in gone
            ]
            for table, rows in tables.items()
        }
        for build, tables in enumerate(history)
    ]


def without_build(history: History, build: int) -> History:
    """The history with what arrives before a build arriving before the next one."""
    joined = [
        {table: rows + later.get(table, []) for table, rows in tables.items()}
        for tables, later in pairwise(history)
    ]
    return [*history[:build], *joined[build : build + 1], *history[build + 2 :]]


def chunks(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """All pieces, halves of them, quarters, and so on to single ones."""
    size = len(pieces)
    while size:
        yield from (pieces[start : start + size] for start in range(0, len(pieces), size))
        size = size // 2


def shrunk(
    history: History,
    pieces_of: Callable[[History], list[Piece]],
    that_fail: Callable[[Sequence[History]], Sequence[int]],
) -> History:
    """The history without any piece that the failure does not need."""
    while True:
        parts = list(chunks(pieces_of(history)))
        candidates = [without(history, part) for part in parts]
        failing = that_fail(candidates)
        if not failing:
            return history
        together = without(history, [piece for place in failing for piece in parts[place]])
        history = together if that_fail([together]) else candidates[failing[0]]


def is_sound(config: Tables) -> bool:
    """Whether there is a rule, and all conditions and grades are of what there is."""
    ids = {row["rule_id"] for row in config["scoring_rules"]}
    conditions = config.get("scoring_rule_conditions", [])
    is_graded = sound_grades(config) == config.get("lead_grades", [])
    return bool(ids and is_graded) and all(
        row["rule_id"] in ids and all(row.get(column) for column in FILTER) for row in conditions
    )


class Shrinker:
    """Makes a case smaller for as long as one of the marts at fault still is."""

    def __init__(
        self, project: Project, builds: Sequence[Build], found: Sequence[Difference]
    ) -> None:
        self._project = project
        self._builds = list(builds[: found[0].build + 1])
        self._marts = {difference.mart for difference in found}

    def _found(self, builds: Sequence[Build], histories: Sequence[History]) -> list[Difference]:
        if not all(map(is_sound, (build.config for build in builds))):
            return []
        found = differences(self._project, builds, histories)
        return [difference for difference in found if difference.mart in self._marts]

    def that_fail(self, histories: Sequence[History]) -> list[int]:
        """The places of histories that fail, or of the first where a mart does not tell whose."""
        found = self._found(self._builds, histories)
        if not found or len(histories) == 1:
            return list(range(len(histories)))[: len(found)]
        if named := sorted({one.history for one in found if one.history is not None}):
            return named
        middle = len(histories) // 2
        if failing := self.that_fail(histories[:middle]):
            return failing
        return [middle + place for place in self.that_fail(histories[middle:])]

    def case(self, histories: Sequence[History]) -> Case:
        """One history that fails on its own, as small as it gets; all of them where none does."""
        histories = [history[: len(self._builds)] for history in histories]
        failing = self.that_fail(histories)
        alone = (histories[place] for place in failing if self.that_fail([histories[place]]))
        histories = [*alone][:1] or histories
        histories = self._with_fewer_builds(histories)
        if len(histories) == 1:
            smaller = shrunk(histories[0], rows_of, self.that_fail)
            histories = [shrunk(smaller, cells_of, self.that_fail)]
        self._make_builds_alike(histories)
        self._shrink_configs(histories)
        found = self._found(self._builds, histories)
        return Case("; ".join(map(str, found[:3])), tuple(self._builds), tuple(histories))

    def _with_fewer_builds(self, histories: Sequence[History]) -> Sequence[History]:
        for place in reversed(range(len(self._builds) - 1)):
            builds = [*self._builds[:place], *self._builds[place + 1 :]]
            joined = [without_build(history, place) for history in histories]
            if self._found(builds, joined):
                self._builds, histories = builds, joined
        return histories

    def _try(self, builds: list[Build], histories: Sequence[History]) -> bool:
        """Keeps to these builds if the failure does not need the present ones."""
        fails = builds != self._builds and bool(self._found(builds, histories))
        self._builds = builds if fails else self._builds
        return fails

    def _make_builds_alike(self, histories: Sequence[History]) -> None:
        plain = [replace(build, absent=(), full_refresh=False) for build in self._builds]
        self._try(plain, histories)
        for place in range(1, len(self._builds)):
            for setting in ("config", "require_consent", "machine_click_seconds"):
                before, builds = self._builds[place - 1], list(self._builds)
                like = {setting: getattr(before, setting)}
                builds[place] = replace(builds[place], **like)
                self._try(builds, histories)

    def _shrink_configs(self, histories: Sequence[History]) -> None:
        for pieces_of in (settings_of, options_of):
            configs = [build.config for build in self._builds]
            gone: list[Piece] = []
            for part in chunks(pieces_of(configs)):
                more = [*gone, *(piece for piece in part if piece not in gone)]
                smaller = zip(self._builds, without(configs, more), strict=True)
                builds = [replace(build, config=config) for build, config in smaller]
                gone = more if self._try(builds, histories) else gone


# The command --------------------------------------------------------------------------------


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--histories", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--size", type=int, default=25, help="histories in one build")
    options.add_argument("--builds", type=int, default=1, help="over one database, up to 6")
    options.add_argument("--save", metavar="NAME", help="shrink the first that differs into a case")
    options.add_argument("--engine", choices=ENGINES, default="duckdb")
    given = options.parse_args()
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if given.engine == "postgres":
            server = stack.enter_context(postgres.server(postgres.THROW_AWAY))
            project: Project = ServerProject(project_root(), folder, server)
        elif given.engine == "spark":
            project = ServerProject(project_root(), folder, stack.enter_context(spark.cluster()))
        elif given.engine == "snowflake":
            emulator = stack.enter_context(snowflake.emulator())
            project = ServerProject(project_root(), folder, emulator)
        else:
            project = Project(project_root(), folder)
        for start in range(given.seed, given.seed + given.histories, given.size):
            began = time.monotonic()
            builds, histories = batch(start, given.size, given.builds)
            found = differences(project, builds, histories)
            failing = len({difference.history for difference in found})
            told = f"{failing} of {len(histories)} differ after one of {len(builds)} builds"
            print(f"seed {start}: {told} ({time.monotonic() - began:.1f} s)", flush=True)
            if found:
                print(*found[:20], sep="\n")
                if given.save:
                    case = Shrinker(project, builds, found).case(histories)
                    case.save(CASES / f"{given.save}.json")
                    print(case.why)
                raise SystemExit(1)


if __name__ == "__main__":
    main()
