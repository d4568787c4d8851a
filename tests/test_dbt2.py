"""dbt 2 and DuckDB 2 make the same tables as the releases that requirements.lock names."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import DBT, EARLIER, NO_UNIT_TESTS, ROOT, Project

LATER = "2026-11-16 00:00:00"
DELETED = "C004"

Build = Callable[..., subprocess.CompletedProcess[str]]


def given(name: str) -> str:
    """What an environment variable names; tests that need it are skipped where it is not set."""
    path = os.environ.get(name, "")
    if not path:
        pytest.skip(f"{name} names none: CONTRIBUTING.md says how to get it")
    return str(Path(path).resolve())


@pytest.fixture
def dbt2(project: Project) -> Build:
    """A build by the dbt 2 that DBT2 names."""
    program = given("DBT2")

    def build(as_of: str = "", **variables: object) -> subprocess.CompletedProcess[str]:
        environment = {"DBT_PROFILES_DIR": str(project.path), "DO_NOT_TRACK": "1"}
        if as_of:
            environment["CONTACT_SCORING_AS_OF"] = as_of
        command = [program, "build", *NO_UNIT_TESTS, "--vars", json.dumps(variables)]
        return project.call(command, env=environment)

    return build


def write_exports(project: Project) -> None:
    """The demo's raw tables as exports, but for some: scores of them are not the demo's."""
    folder = project.path / "exports"
    folder.mkdir(exist_ok=True)
    for path in (ROOT / "seeds" / "demo").glob("*.csv"):
        header, *rows = path.read_text("utf-8").splitlines(keepends=True)
        left = rows if path.stem == "contacts" else rows[::2]
        (folder / path.name).write_text("".join((header, *left)), "utf-8")


def delete_a_contact(project: Project) -> None:
    path = project.path / "exports" / "contacts.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert DELETED in {row["contact_id"] for row in rows}
    for row in rows:
        if row["contact_id"] == DELETED:
            row["deleted_at"] = "2026-11-12 09:00:00"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def tables(project: Project) -> dict[str, list[tuple]]:
    """All marts, and the log, but for a checksum that names the program that read its rows."""
    log = project.query("select * exclude (read_under) from engagement.event_log")
    return project.marts() | {"event_log": sorted(log, key=repr)}


def built_by_both(project: Project, dbt2: Build, **variables: object) -> None:
    project.build(*NO_UNIT_TESTS, **variables)
    expected = tables(project)
    project.database.unlink()
    done = dbt2(**variables)
    assert done.returncode == 0, done.stdout
    assert tables(project) == expected
    assert project.query("select marts from points.tested_build")


def test_dbt_2_builds_the_demo_as_the_locked_dbt_does(project: Project, dbt2: Build) -> None:
    built_by_both(project, dbt2)


def test_dbt_2_scores_a_folder_of_exports_and_not_the_demo(project: Project, dbt2: Build) -> None:
    write_exports(project)
    built_by_both(project, dbt2, raw_files="exports", as_of="2026-11-16")


def test_dbt_2_goes_on_from_the_last_build_and_erases_who_is_deleted(
    project: Project, dbt2: Build
) -> None:
    def ticks(build: Callable[..., object]) -> dict[str, list[tuple]]:
        project.database.unlink(missing_ok=True)
        write_exports(project)
        build(raw_files="exports", as_of=EARLIER)
        delete_a_contact(project)
        build(raw_files="exports", as_of=LATER)
        return tables(project)

    def by_dbt2(**variables: object) -> None:
        done = dbt2(**variables)
        assert done.returncode == 0, done.stdout

    assert ticks(by_dbt2) == ticks(lambda **variables: project.build(*NO_UNIT_TESTS, **variables))
    assert project.query("select 1 from engagement.event_log where is_erased")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("e1,email_open,2026-11-01,a@x.example,one too many\n", "the first is line 2"),
        ("event_id,event_type,occurred_at,email_address\n", "holds its header 2 times"),
    ],
)
def test_dbt_2_names_the_line_that_is_no_csv(
    project: Project, dbt2: Build, line: str, said: str
) -> None:
    write_exports(project)
    header = "event_id,event_type,occurred_at,email_address\n"
    (project.path / "exports" / "email_events.csv").write_text(header + line, "utf-8")
    done = dbt2(raw_files="exports")
    assert done.returncode != 0
    assert said in done.stdout
    assert "a@x.example" not in done.stdout


def test_duckdb_2_makes_the_same_marts(project: Project) -> None:
    folder = given("DUCKDB2")
    read_under = "select distinct read_under from engagement.event_log"
    project.build(*NO_UNIT_TESTS)
    expected, release = project.marts(), project.query(read_under)
    project.database.unlink()
    environment = {"PYTHONPATH": folder, "DBT_PROFILES_DIR": str(project.path)}
    done = project.call([DBT, "build", *NO_UNIT_TESTS], env=environment)
    assert done.returncode == 0, done.stdout
    assert project.query(read_under) != release, "it was built by the same DuckDB"
    assert project.marts() == expected
