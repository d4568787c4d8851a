"""Builds the dbt project over random histories and judges its marts by the reference scorer.

    python parity.py --histories 2000 --seed 1 --save NAME

One build judges many histories, each in an id space of its own. The first that differs is shrunk,
as are its settings, and saved as a case that test_parity.py replays from then on. The project is
copied, so nothing of it is written; it is the one that holds this file, or that of the environment
variable CONTACT_SCORING_PROJECT.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import re
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from histories import FILTER, Row, Settings, Tables, batch, unite
from reference_scorer import ACTOR_COLUMNS, COLUMNS, Memory, erased_contacts, score

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
}
NOT_YET = {"rule_performance", "score_history", "sales_handoffs"}  # judged once they exist
THE_BUILD = "(the build)"  # stands for a mart where the build failed
REQUIRED_COLUMNS = {
    "contacts": COLUMNS["contacts"][:2],
    "identities": COLUMNS["identities"][:3],
    **{source: COLUMNS[source][:4] for source in ACTOR_COLUMNS},
    "consents": COLUMNS["consents"],
    "lists": COLUMNS["lists"][:1],
    "list_memberships": COLUMNS["list_memberships"][:2],
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
    """A copy of the dbt project, built again and again in this process."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self.lacking = {mart for mart in NOT_YET if not list(root.glob(f"models/**/{mart}.sql"))}
        self._manifests: dict[tuple[bool, bool], Any] = {}
        for part in ("dbt_project.yml", "profiles.yml", "macros", "models", "seeds", "tests"):
            if (root / part).is_dir():
                ignored = shutil.ignore_patterns("*.py", "__pycache__", "cases")
                shutil.copytree(root / part, folder / part, ignore=ignored)
            else:
                shutil.copy(root / part, folder / part)

    def marts(self, known: Settings, tables: Tables) -> dict[str, list[MartRow]]:
        """Every mart of a build in an empty database."""
        raw, work = self.folder / "raw", self.folder / "work"
        for folder in (raw, work):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        for table, rows in tables.items():
            columns = dict.fromkeys(
                (*REQUIRED_COLUMNS[table], *(name for row in rows for name in row))
            )
            write_csv(raw / f"{table}.csv", columns, rows)
        for seed, rows in known.config.items():
            path = self.folder / "seeds" / "config" / f"{seed}.csv"
            with path.open(encoding="utf-8") as file:
                columns = next(csv.reader(file))
            write_csv(path, columns, rows)
        self._run_dbt(known, raw, work)
        with duckdb.connect(str(work / "parity.duckdb"), read_only=True) as database:
            return {mart: self._rows(database, mart) for mart in MART_KEYS.keys() - self.lacking}

    def _run_dbt(self, known: Settings, raw: Path, work: Path) -> None:
        variables = {
            "raw_files": str(raw),
            "as_of": known.as_of.isoformat(sep=" "),
            "website_tracking": known.website_tracking,
            "require_consent": known.require_consent,
        }
        options = ["--vars", json.dumps(variables), "--project-dir", str(self.folder)]
        options += [
            "--profiles-dir",
            str(self.folder),
            "--target-path",
            str(self.folder / "target"),
        ]
        options += ["--log-path", str(work), "--log-level", "none", "--log-level-file", "none"]
        what = ["--exclude", "tag:demo", "--exclude-resource-type", "test"]
        what += ["--exclude-resource-type", "unit_test"]
        environment = {
            "CONTACT_SCORING_DB": str(work / "parity.duckdb"),
            "CONTACT_SCORING_TEMP_DIRECTORY": str(work / "spill"),
            "CONTACT_SCORING_THREADS": "2",
        }
        with patch.dict(os.environ, environment), contextlib.chdir(self.folder):
            flags = known.website_tracking, known.require_consent
            if flags not in self._manifests:
                # changed variables alone make dbt read every file again: 3 s that no build needs
                parsed = dbtRunner().invoke(["parse", *options])
                if not parsed.success:
                    raise parsed.exception or BuildError("dbt does not parse the project")
                self._manifests[flags] = parsed.result
            built = dbtRunner(self._manifests[flags]).invoke(["build", *what, *options])
            DuckDBConnectionManager.close_all_connections()  # or the file stays locked
        if not built.success:
            failed = [
                node.message for node in built.result or () if node.status in ("error", "fail")
            ]
            raise BuildError("\n".join(map(str, failed or [built.exception])))

    @staticmethod
    def _rows(database: duckdb.DuckDBPyConnection, mart: str) -> list[MartRow]:
        found = database.execute(f"select * from marts.{mart}")
        columns = [column[0] for column in found.description]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


# Judging ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One cell, or one row (without a column), in which a mart is not as the reference has it."""

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
        return f"{where}: {by_dbt!r} by dbt, {by_reference!r} by the reference"


def reference_marts(known: Settings, tables: Tables) -> dict[str, list[MartRow]]:
    marts: dict[str, list[MartRow]] = score(
        tables,
        known.config,
        known.as_of,
        website_tracking=known.website_tracking,
        require_consent=known.require_consent,
    )
    memory = Memory()
    memory.build(
        known.as_of,
        marts["contact_scores"],
        known.config["score_bands"],
        marts["active_contacts"],
        erased_contacts(tables),
    )
    marts |= {"score_history": memory.score_history(), "sales_handoffs": memory.sales_handoffs()}
    return marts


def history_of(row: MartRow) -> int | None:
    """The number of the history that a row of a mart is from, as one of its ids says."""
    for value in row.values():
        if isinstance(value, str) and (found := re.match(r"\s*h(\d+)_", value)):
            return int(found[1])
    return None


def differences_in(
    mart: str, dbt_rows: Sequence[MartRow], reference_rows: Sequence[MartRow]
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
                    yield Difference(history, mart, key, column, row[column], wanted[column])
        for row in left[len(right) :]:
            yield Difference(history_of(row), mart, key, None, row, "no row")
        for row in right[len(left) :]:
            yield Difference(history_of(row), mart, key, None, "no row", row)


def differences(project: Project, known: Settings, histories: Sequence[Tables]) -> list[Difference]:
    """The cells in which a build of the histories is not as the reference has it."""
    tables = unite(histories)
    expected = reference_marts(known, tables)
    try:
        found = project.marts(known, tables)
    except BuildError as error:
        return [Difference(None, THE_BUILD, (), None, str(error), "no error")]
    return [
        difference
        for mart in MART_KEYS
        if mart in found
        for difference in differences_in(mart, found[mart], expected[mart])
    ]


# Shrinking ----------------------------------------------------------------------------------

Piece = tuple[str, int, str | None]  # a cell of a table, or a row of it
OPTIONAL_SETTINGS = (
    "score_name", "counts_repeats", "max_points", "expires_after_days", "half_life_days",
    "valid_from", "valid_to", "description", "cleared_by", "match_field",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A history that differed once, or several that differ only together, under its settings."""

    why: str
    settings: Settings
    histories: tuple[Tables, ...]

    def save(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        config = {
            seed: [{column: value for column, value in row.items() if value} for row in rows]
            for seed, rows in self.settings.config.items()
        }
        known = asdict(replace(self.settings, config=config))
        content = {"why": self.why, **known, "histories": self.histories}
        text = json.dumps(content, default=datetime.isoformat, indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Case:
        content = json.loads(path.read_text(encoding="utf-8"))
        why, histories = content.pop("why"), tuple(content.pop("histories"))
        content["as_of"] = datetime.fromisoformat(content["as_of"])
        content["absent"] = tuple(content["absent"])
        return cls(why, Settings(**content), histories)


def rows_of(tables: Tables) -> list[Piece]:
    return [(table, place, None) for table, rows in tables.items() for place in range(len(rows))]


def cells_of(tables: Tables) -> list[Piece]:
    return [
        (table, place, column)
        for table, rows in tables.items()
        for place, row in enumerate(rows)
        for column in row
    ]


def without(tables: Tables, pieces: Iterable[Piece]) -> Tables:
    gone = set(pieces)
    return {
        table: [
            {column: value for column, value in row.items() if (table, place, column) not in gone}
            for place, row in enumerate(rows)
            if (table, place, None) not in gone
        ]
        for table, rows in tables.items()
    }


def chunks(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """All pieces, halves of them, quarters, and so on to single ones."""
    size = len(pieces)
    while size:
        yield from (pieces[start : start + size] for start in range(0, len(pieces), size))
        size = size // 2


def shrunk(
    tables: Tables,
    pieces_of: Callable[[Tables], list[Piece]],
    that_fail: Callable[[Sequence[Tables]], Sequence[int]],
) -> Tables:
    """The tables without any piece that the failure does not need."""
    while True:
        parts = list(chunks(pieces_of(tables)))
        candidates = [without(tables, part) for part in parts]
        failing = that_fail(candidates)
        if not failing:
            return tables
        together = without(tables, [piece for place in failing for piece in parts[place]])
        tables = together if that_fail([together]) else candidates[failing[0]]


class Shrinker:
    """Makes a case smaller for as long as one of the marts at fault still is."""

    def __init__(self, project: Project, known: Settings, found: Iterable[Difference]) -> None:
        self._project = project
        self._settings = known
        self._marts = {difference.mart for difference in found}

    def _found(self, known: Settings, histories: Sequence[Tables]) -> list[Difference]:
        found = differences(self._project, known, histories)
        return [difference for difference in found if difference.mart in self._marts]

    def that_fail(self, histories: Sequence[Tables]) -> list[int]:
        """The places of histories that fail, or of the first where a mart does not tell whose."""
        found = self._found(self._settings, histories)
        if not found or len(histories) == 1:
            return list(range(len(histories)))[: len(found)]
        if named := sorted({one.history for one in found if one.history is not None}):
            return named
        middle = len(histories) // 2
        if failing := self.that_fail(histories[:middle]):
            return failing
        return [middle + place for place in self.that_fail(histories[middle:])]

    def configs_that_fail(
        self, configs: Sequence[Tables], histories: Sequence[Tables]
    ) -> list[int]:
        """The place of the first config under which the histories fail."""
        for place, config in enumerate(configs):
            known = replace(self._settings, config=config)
            if config["scoring_rules"] and self._found(known, histories):
                return [place]
        return []

    def case(self, histories: Sequence[Tables]) -> Case:
        """One history that fails on its own, as small as it gets; all of them where none does."""
        alone = next(
            (
                histories[place]
                for place in self.that_fail(histories)
                if self.that_fail([histories[place]])
            ),
            None,
        )
        if alone is not None:
            smaller = shrunk(alone, rows_of, self.that_fail)
            histories = [shrunk(smaller, cells_of, self.that_fail)]

        def that_fail(configs: Sequence[Tables]) -> list[int]:
            return self.configs_that_fail(configs, histories)

        config = shrunk(self._settings.config, rows_of, that_fail)
        config = shrunk_cells(config, that_fail)
        self._settings = replace(self._settings, config=config, absent=())
        found = self._found(self._settings, histories)
        return Case("; ".join(map(str, found[:3])), self._settings, tuple(histories))


def shrunk_cells(config: Tables, that_fail: Callable[[Sequence[Tables]], Sequence[int]]) -> Tables:
    """The config without any optional setting that the failure does not need."""
    for table, place, column in cells_of(config):
        if column in OPTIONAL_SETTINGS and config[table][place][column]:
            columns = FILTER if column in FILTER else (column,)
            blanked = without(config, [])
            blanked[table][place] |= dict.fromkeys(columns)
            config = blanked if that_fail([blanked]) else config
    return config


# The command --------------------------------------------------------------------------------


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--histories", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--size", type=int, default=25, help="histories in one build")
    options.add_argument("--save", metavar="NAME", help="shrink the first that differs into a case")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Project(project_root(), Path(folder))
        if project.lacking:
            print("not judged, for the project lacks them:", *sorted(project.lacking))
        for start in range(given.seed, given.seed + given.histories, given.size):
            began = time.monotonic()
            known, histories = batch(start, given.size)
            found = differences(project, known, histories)
            failing = len({difference.history for difference in found})
            took = time.monotonic() - began
            print(f"seed {start}: {failing} of {len(histories)} differ ({took:.1f} s)", flush=True)
            if found:
                print(*found[:20], sep="\n")
                if given.save:
                    case = Shrinker(project, known, found).case(histories)
                    case.save(CASES / f"{given.save}.json")
                    print(case.why)
                raise SystemExit(1)


if __name__ == "__main__":
    main()
