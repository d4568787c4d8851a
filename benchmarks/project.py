"""A copy of the project, to be built from any state any number of times."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path

import duckdb
from data import link
from measure import Measure, run

ROOT = Path(__file__).parent.parent
# not copied: what is installed, built or not of dbt's concern
LEFT_OUT = (".*", "warehouse", "target", "logs", "benchmarks", "__pycache__")
EVALUATION = "build --select tag:evaluation --exclude-resource-type unit_test"
BUILD = "build --exclude tag:demo --exclude-resource-type unit_test"
DEMO = "build --exclude-resource-type unit_test"
DBT = str(Path(sys.executable).with_name("dbt"))
NAMES = "score_name, contact_id, from_window, to_window, score, times_earned"
# the project's steps, under those names, where the database is attached as `scores`
STEPS = f"""
    select {NAMES}
    from scores.points.score_steps
    inner join scores.points.contact_standings using (contact, score_number)
    inner join scores.engagement.present_contacts using (contact)
    where status = 'active'
"""
# how a build is told its as-of: by the environment variable CONTACT_SCORING_AS_OF, which dbt reads
# when it runs, or by --vars, which has it parse the whole project again
AS_OF_BY_ENVIRONMENT = True


def instant(as_of: datetime) -> tuple[dict[str, str], dict[str, str]]:
    """Variables and environment that tell a build its as-of."""
    if AS_OF_BY_ENVIRONMENT:
        return {}, {"CONTACT_SCORING_AS_OF": str(as_of)}
    return {"as_of": str(as_of)}, {}


class Project:
    """Builds into one database from one folder of raw tables.

    Every tick goes on from what a full refresh left: the database, and the project as dbt parsed
    it. Paths are the same in every case, so that the parsed project is as useful to one as to
    another.
    """

    def __init__(self, folder: Path, raw: Path) -> None:
        self.raw = raw
        self.source = folder / "project"
        self.target = folder / "target"
        self.raw_files = folder / "raw"
        self.database = folder / "scores.duckdb"
        self.kept_database = folder / "kept.duckdb"
        self.kept_target = folder / "kept-target"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT, self.source, ignore=shutil.ignore_patterns(*LEFT_OUT))

    @property
    def config(self) -> Path:
        return self.source / "seeds" / "config"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "CONTACT_SCORING_DB": str(self.database),
            "CONTACT_SCORING_TEMP_DIRECTORY": f"{self.database}.tmp",
        }

    def full_refresh(self, as_of: datetime, environment: dict[str, str] | None = None) -> Measure:
        """Build a database that is not there yet."""
        link(self.raw, self.raw_files, with_tick=False)
        self.database.unlink(missing_ok=True)
        self.restore_parsed()
        return self.dbt(BUILD, as_of, environment)

    def parse_and_keep(self, as_of: datetime) -> None:
        """Have dbt parse the project, which every full refresh begins with."""
        if not self.kept_target.exists():
            link(self.raw, self.raw_files, with_tick=False)
            self.dbt("parse", as_of)
            shutil.copytree(self.target, self.kept_target)

    def build_and_keep(self, as_of: datetime) -> None:
        """Build for the first time and keep the state that every tick begins with."""
        self.full_refresh(as_of)
        shutil.rmtree(self.kept_target, ignore_errors=True)
        shutil.copytree(self.target, self.kept_target)
        shutil.copy(self.database, self.kept_database)

    def restore_parsed(self) -> None:
        if self.kept_target.exists():
            shutil.rmtree(self.target, ignore_errors=True)
            shutil.copytree(self.kept_target, self.target)

    def tick(
        self, as_of: datetime, *, with_events: bool = True, edit: tuple[str, str, str] | None = None
    ) -> Measure:
        """Go on from the kept state, with new events and with an edited rule."""
        link(self.raw, self.raw_files, with_tick=with_events)
        shutil.copy(self.kept_database, self.database)
        self.restore_parsed()
        with self.edited(*edit) if edit else nullcontext():
            return self.dbt(BUILD, as_of)

    def tick_without_fit(self, as_of: datetime) -> Measure:
        """A tick with neither fit rules nor grades, and with contacts of no company."""
        link(self.raw, self.raw_files, with_tick=True)
        contacts = self.raw_files / "contacts.parquet"
        contacts.unlink()
        duckdb.execute(
            "copy (select * exclude company_name from read_parquet($contacts)) "
            f"to '{contacts}' (format parquet)",
            {"contacts": str(self.raw / "contacts.parquet")},
        )
        shutil.copy(self.kept_database, self.database)
        self.restore_parsed()
        before = {path: path.read_text() for path in self.config.glob("*.csv")}
        for path, text in before.items():
            lines = text.splitlines(keepends=True)
            left = lines[:1] if path.stem in ("fit_rules", "lead_grades") else lines
            path.write_text("".join(line for line in left if not line.startswith("fit,")))
        try:
            return self.dbt(BUILD, as_of)
        finally:
            for path, text in before.items():
                path.write_text(text)

    def evaluation(self, as_of: datetime) -> Measure:
        """What `make evaluate` builds and tests after the kept build; 2 GiB, 1.5 GB of it DuckDB's.

        As in any week but the first, dbt has parsed the project with the evaluation's models.
        """
        link(self.raw, self.raw_files, with_tick=False)
        shutil.copy(self.kept_database, self.database)
        settings = {"CONTACT_SCORING_EVALUATION": "true", "CONTACT_SCORING_MEMORY_LIMIT": "1500MB"}
        self.dbt("parse", as_of, settings)
        return self.dbt(EVALUATION, as_of, settings)

    def demo(self) -> Measure:
        """Build the demo as `make build` does, in a database of its own."""
        database = self.database.with_name("demo-alone.duckdb")
        target = self.target.with_name("demo-target")
        environment = {**self.environment, "CONTACT_SCORING_DB": str(database)}
        return dbt(self.source, DEMO, target, {}, environment)

    def dbt(
        self, command: str, as_of: datetime, environment: dict[str, str] | None = None
    ) -> Measure:
        variables, told = instant(as_of)
        variables = {"raw_files": str(self.raw_files), **variables}
        environment = {**self.environment, **told, **(environment or {})}
        return dbt(self.source, command, self.target, variables, environment)

    @contextmanager
    def edited(self, rule_id: str, column: str, value: str) -> Iterator[None]:
        """Change one cell of the scoring rules, and change it back."""
        path = self.config / "scoring_rules.csv"
        before = path.read_text()
        with path.open(newline="") as file:
            rules = list(csv.DictReader(file))
        for rule in rules:
            if rule["rule_id"] == rule_id:
                rule[column] = value
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, rules[0])
            writer.writeheader()
            writer.writerows(rules)
        try:
            yield
        finally:
            path.write_text(before)

    def compiled(self, model: str) -> str:
        """The SQL of a model, as dbt ran it in the kept state."""
        (path,) = (self.kept_target / "compiled").glob(f"*/models/*/{model}.sql")
        return path.read_text()

    def difference(self, limit: Path) -> int:
        """How many steps only one of the two knows, the limit and the kept state."""
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.kept_database}' as scores (read_only)")
            connection.execute(f"attach '{limit}' as limited (read_only)")
            return rows_that_differ(connection, STEPS, f"select {NAMES} from limited.steps")


def dbt(
    folder: Path,
    command: str,
    target: Path,
    variables: dict[str, str],
    environment: dict[str, str],
) -> Measure:
    """Run dbt; the SQL time is from the first node's start to the last one's end."""
    path = target / "run_results.json"
    path.unlink(missing_ok=True)
    ran = run(
        [
            *(DBT, "--quiet", *command.split()),
            *("--profiles-dir", str(folder), "--target-path", str(target)),
            *("--vars", json.dumps(variables)),
        ],
        folder,
        environment,
    )
    results = json.loads(path.read_text())["results"] if path.exists() else []
    times = [
        datetime.fromisoformat(timing[end])
        for result in results
        for timing in result["timing"]
        for end in ("started_at", "completed_at")
    ]
    return ran.measure((max(times) - min(times)).total_seconds() if times else None)


def rows_that_differ(connection: duckdb.DuckDBPyConnection, left: str, right: str) -> int:
    """How many rows only one of two queries returns."""
    return connection.execute(f"""
        with lefts as ({left}), rights as ({right})
        select
            (select count(*) from (from lefts except all from rights))
            + (select count(*) from (from rights except all from lefts))
    """).fetchone()[0]
