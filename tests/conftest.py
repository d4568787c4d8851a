"""The real dbt, run on copies of the project in temporary folders."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest
import yaml
from _pytest.mark import ParameterSet
from forked_dbt import call_dbt
from parity import MART_KEYS

from tools import postgres, snowflake, spark

ROOT = Path(__file__).resolve().parent.parent
DBT = str(Path(sys.executable).with_name("dbt"))

NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
NO_TESTS = (*NO_UNIT_TESTS, "test")
EVALUATION = {"CONTACT_SCORING_EVALUATION": "true"}
EARLIER = "2026-11-09 12:00:00"  # than the demo's instant
# marts that also tell of earlier builds
REMEMBERING = ("score_history", "sales_handoffs", "score_changes")

CONNECTED = (
    "connectors",
    "hubspot_",
    "mailchimp_",
    "marketo_",
    "salesforce_",
    "segment_",
    "sendgrid_",
)

KEPT_PATH = "a project"

Rows = list[dict[str, object]]


def long(*values: object) -> ParameterSet:
    """Values of a test that only `make test-long` tries."""
    return pytest.param(*values, marks=pytest.mark.long)


@dataclass
class Project:
    """A copy of the dbt project with a database of its own."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "warehouse" / "contact_scoring.duckdb"

    def dbt(
        self,
        *arguments: str,
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
        **variables,
    ) -> subprocess.CompletedProcess[str]:
        """Run dbt to its end; its output, both streams, is in `stdout`.

        `as_of` goes by the environment, as Dagster gives it: dbt then parses nothing again for it.
        """
        as_of = variables.pop("as_of", None)
        command = ["--no-use-colors", *arguments]
        if variables:
            command += ["--vars", json.dumps(variables)]
        ours = {"DBT_PROFILES_DIR": str(self.path)}
        if as_of:
            ours["CONTACT_SCORING_AS_OF"] = as_of
        # what it parsed names the database
        if "--target" not in arguments and "CONTACT_SCORING_DB" not in (env or {}):
            written = command[command.index("--vars") + 1] if "--vars" in command else "{}"
            ours |= parsed_alike(yaml.safe_load(written), env or {})
        return call_dbt(command, cwd or self.path, self.environment | ours | (env or {}))

    def run(
        self, module: str, *arguments: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a module to its end; its output, both streams, is in `stdout`."""
        return self.call([sys.executable, "-m", module, *arguments], env=env)

    def command(
        self, name: str, *arguments: str, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of `contact-scoring` to its end."""
        return self.run("contact_scoring", name, *arguments, env=env)

    @property
    def environment(self) -> dict[str, str]:
        """This process's, but for what somebody has set for scores of their own."""
        return {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CONTACT_SCORING", "DBT"))
        }

    def call(
        self, command: list[str], cwd: Path | None = None, env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=cwd or self.path,
            env=self.environment | (env or {}),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def score(self, *arguments: str, **variables) -> None:
        """Load the config and build every model; without the tests, if nothing else is said.

        A first build is copied from a test that made it of the same files.
        """
        arguments = arguments or NO_TESTS
        if self.database.exists():
            self.build(*arguments, **variables)
            return
        with made_once(f"built-{self.fingerprint([arguments, variables])}.duckdb") as kept:
            if kept.exists():
                shutil.copy(kept, self.database)
            else:
                self.build(*arguments, **variables)
                shutil.copy(self.database, kept)

    def build(self, *arguments: str, **variables) -> None:
        done = self.dbt("build", *arguments, **variables)
        assert done.returncode == 0, done.stdout

    def fingerprint(self, given: object) -> str:
        """Of all that a first build is made of; views on raw files name the folder, too."""
        said = json.dumps(given, sort_keys=True)
        folder = str(self.path) if "raw_files" in said else ""
        made_of = sha256(f"{folder} {said}".encode())
        for path in sorted(self.path.rglob("*")):
            name = path.relative_to(self.path)
            if path.is_file() and name.parts[0] not in {"target", "warehouse", "logs", "published"}:
                made_of.update(f"{name}\n{path.stat().st_size}\n".encode() + path.read_bytes())
        return made_of.hexdigest()

    def write_config(self, seed: str, text: str) -> None:
        """Write a file of rules, and take out what names rows of it that are gone."""
        folder = self.path / "seeds" / "config"
        (folder / f"{seed}.csv").write_text(text, encoding="utf-8")
        if seed == "scoring_rules":
            conditions = folder / "scoring_rule_conditions.csv"
            header, *rows = conditions.read_text("utf-8").splitlines(keepends=True)
            left = [row for row in rows if f"\n{row.split(',')[0]}," in text]
            conditions.write_text("".join((header, *left)), "utf-8")
        elif seed == "score_bands" and "\nfit," not in text:
            grades = folder / "lead_grades.csv"
            header, *_ = grades.read_text("utf-8").splitlines(keepends=True)
            grades.write_text(header, "utf-8")

    def query(self, sql: str, *parameters: object) -> list[tuple]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    @contextmanager
    def failing_at(self, model: str) -> Iterator[None]:
        """Let a model fail once it is built, by a hook."""
        path = self.path / "dbt_project.yml"
        before = path.read_text("utf-8")
        first = "    +post-hook: ["
        assert first in before
        hook = f"\"{{{{ 'select no_column' if this.name == '{model}' }}}}\", "
        path.write_text(before.replace(first, first + hook, 1), "utf-8")
        yield
        path.write_text(before, "utf-8")

    def is_unscored(self) -> bool:
        """Whether no build ever came as far as the marts."""
        marts = "select 1 from information_schema.tables where table_schema = 'marts'"
        return not self.database.exists() or not self.query(marts)

    def marts(self) -> dict[str, list[tuple]]:
        """Every row of every mart."""
        return {name: self.mart(name) for name in MART_KEYS}

    def mart(self, name: str) -> list[tuple]:
        """Every row of a mart, in an order of its own."""
        return sorted(self.query(f"select * from marts.{name}"), key=repr)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first, so that no worker is left alone with them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)


def parsed_alike(variables: dict[str, object], env: dict[str, str]) -> dict[str, str]:
    """Have dbt go on from a parse of the repository: one from nothing was a third of a build.

    A parse depends on where the raw tables are and on what is enabled, and on no other variable.
    """
    given = {}
    if variables.get("raw_schema"):
        given = {name: variables.get(name) for name in ("raw_schema", "raw_database")}
    if variables.get("raw_files"):
        given["raw_files"] = "exports"
    # what a connector reads is named by variables of its own
    given |= {name: variables[name] for name in variables if name.startswith(CONNECTED)}
    if variables.get("as_of"):
        given["as_of"] = EARLIER
    given["website_tracking"] = variables.get("website_tracking", True)
    enabled = {name: env[name] for name in (*EVALUATION, "CONTACT_SCORING_AUDIT") if name in env}
    said = json.dumps([given, enabled], sort_keys=True)
    alike = {"PARSED_ALIKE": said}
    with made_once(f"parsed-{sha256(said.encode()).hexdigest()}.msgpack") as kept:
        if not kept.exists():
            folder = kept.with_suffix("")
            parse = ["parse", "--vars", json.dumps(given), "--target-path", str(folder)]
            root = {"DBT_PROFILES_DIR": str(ROOT)}
            call_dbt(parse, ROOT, Project(ROOT).environment | enabled | alike | root)
            if (parsed := folder / "partial_parse.msgpack").exists():
                parsed.rename(kept)
    return alike | {"DBT_PARTIAL_PARSE_FILE_PATH": str(kept)} if kept.exists() else {}


@contextmanager
def made_once(name: str) -> Iterator[Path]:
    """Where something is kept that all workers share: one makes it while the others wait."""
    kept = Path(os.environ["KEPT_BUILDS"]) / name
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield kept


@pytest.fixture(scope="session", autouse=True)
def kept_builds(tmp_path_factory: pytest.TempPathFactory) -> None:
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "kept"
    folder.mkdir(exist_ok=True)
    os.environ["KEPT_BUILDS"] = str(folder)


def copy_project(folder: Path) -> Project:
    folders = ("models", "on_request", "at_home", "macros", "seeds", "tests")
    code = ("contact_scoring", "orchestration", "app")
    for name in (*folders, *code, ".streamlit", "dbt_project.yml", "profiles.yml"):
        source = ROOT / name
        if source.is_dir():
            no_part = ("__pycache__", "generate.py", "story.py", "test_*.py", "reference", "fuzz")
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(*no_part))
        else:
            shutil.copy(source, folder / name)
    (folder / "warehouse").mkdir()
    return Project(folder)


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A fresh copy, in a path with a space in it: the same one for each test of a worker."""
    folder = tmp_path_factory.getbasetemp() / KEPT_PATH
    folder.mkdir()
    yield copy_project(folder)
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The demo, built once with every test that dbt has. Not to be changed."""
    path = tmp_path_factory.mktemp("demo") / "demo"
    with made_once("demo") as kept:
        if not kept.exists():
            path.mkdir()
            copy_project(path).build()
            path.rename(kept)
        shutil.copytree(kept, path)
    return Project(path)


@pytest.fixture(scope="session")
def evaluated_demo(demo: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, str]:
    """A copy of the demo, evaluated and published, and what that printed. Not to be changed."""
    path = tmp_path_factory.mktemp("evaluated") / "demo"
    shutil.copytree(demo.path, path, ignore=shutil.ignore_patterns("published"))
    done = Project(path).command("evaluate")
    assert done.returncode == 0, done.stdout
    return Project(path), done.stdout


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    with postgres.server(postgres.THROW_AWAY) as started:
        yield started


@pytest.fixture(scope="session")
def spark_cluster() -> Iterator[spark.Cluster]:
    """A Spark cluster; its tests are skipped where there can be none, but not by CI."""
    if needed := spark.missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"Spark cannot start. {needed}")
        pytest.skip(f"Spark: {needed}")
    with spark.cluster() as started:
        yield started


@pytest.fixture(scope="session")
def snowflake_emulator() -> Iterator[snowflake.Emulator]:
    """An emulated Snowflake; its tests are skipped where there can be none, but not by CI."""
    if needed := snowflake.missing():
        if os.environ.get("CI") == "true":
            pytest.fail(f"The emulator of Snowflake cannot start. {needed}")
        pytest.skip(f"Snowflake: {needed}")
    with snowflake.emulator() as started:
        yield started


def write_csv(folder: Path, table: str, rows: Rows, columns: Iterable[str] = ()) -> None:
    """A raw table as a CSV file with the columns that its rows have."""
    folder.mkdir(parents=True, exist_ok=True)
    names = list(columns) or list(dict.fromkeys(name for row in rows for name in row))
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


CLASSIC_RULES = """\
rule_id,score_name,event_type,match_field,match_operator,match_value,points,counts_repeats,max_points,expires_after_days,half_life_days,valid_from,valid_to,description
open,,email_open,,,,1,,,,,,,
click,,email_click,,,,1,,,,,,,
view,,page_view,,,,1,,,,,,,
"""
