"""`contact-scoring build`: what a person sees of a build, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from conftest import CLASSIC_RULES, Project

from contact_scoring.building import dbt, heard, without_frame


@pytest.mark.long
def test_the_result_follows_the_warnings(project: Project) -> None:
    done = project.command("build")
    assert done.returncode == 0, done.stdout
    began, *lines = done.stdout.splitlines()
    assert began == "dbt builds and tests ..."
    built = next(at for at, line in enumerate(lines) if line.startswith("dbt built and tested in "))
    # the demo has one row whose time cannot be read
    assert lines[:built] == [line for line in lines[:built] if "web_events.occurred_at" in line]
    assert built == 1
    assert lines[built + 1].startswith("Published for 2026-11-16 00:00 UTC: ")
    assert lines[built + 2].startswith("Top 10 by engagement")
    assert len(lines) < 50


@pytest.mark.parametrize(
    ("variables", "last"),
    [
        ("{raw_files: nowhere}", "There is no raw table in the folder "),
        ("{as_off: 2026-01-01}", "There is no variable 'as_off'. There are: as_of, "),
    ],
)
def test_a_failed_build_ends_with_what_to_mend(project: Project, variables: str, last: str) -> None:
    done = project.command("build", "--vars", variables)
    assert done.returncode != 0
    _, first, *mistake = done.stdout.splitlines()
    assert first.startswith("The build failed. Nothing was published; what was published before")
    assert [line[: len(last)] for line in mistake] == [last]
    assert not (project.path / "published").exists()


def test_a_mistake_in_a_rule_is_said_before_dbt_starts(project: Project) -> None:
    project.write_config(
        "scoring_rules", CLASSIC_RULES.replace("page_view,,,,1", "page_view,,,,ten")
    )
    done = project.command("build")
    assert done.returncode == 1
    assert "points 'ten' is not a number: write one such as 3 or 0.5" in done.stdout
    assert not project.database.exists()


def test_a_time_to_come_is_refused_before_it_is_built(project: Project) -> None:
    for arguments, env in (
        (["--vars", "{as_of: 2999-01-01}"], {}),
        (["--vars", "{is_example: true}"], {"CONTACT_SCORING_AS_OF": "2999-01-01 00:00:00"}),
    ):
        done = project.command("build", *arguments, env=env)
        assert done.returncode == 1
        assert "as_of: 2999-01-01 00:00 UTC has not come yet." in done.stdout
        assert not project.database.exists()


def test_a_limit_that_is_no_amount_of_memory_is_named(project: Project) -> None:
    done = project.command("build", env={"CONTACT_SCORING_MEMORY_LIMIT": "lots"})
    assert done.returncode == 1
    assert done.stdout.strip() == (
        "CONTACT_SCORING_MEMORY_LIMIT: 'lots' is no amount of memory. Write one such as 2GB."
    )
    assert not project.database.exists()


def test_a_database_called_as_the_loaders_schema_is_named(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "hubspot.duckdb"
    with duckdb.connect(str(file)) as loader:
        loader.execute("create schema hubspot")
        loader.execute("create table hubspot.hubspot.contact (id integer)")
    done = project.command("build", env={"CONTACT_SCORING_DB": str(file)})
    assert done.returncode == 1
    assert done.stdout.strip() == (
        "The database is called hubspot, as a schema in it is. Give its file another name "
        "(CONTACT_SCORING_DB)."
    )


def test_an_interrupted_build_waits_for_its_dbt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the database open until it has ended, and more to say than a pipe holds."""
    slow = tmp_path / "dbt"
    slow.write_text("#!/bin/sh\necho begun\nsleep 2\nhead -c 1000000 /dev/zero | tr '\\0' x\n")
    slow.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    started = []

    def interrupted() -> None:
        with dbt(["build"], stdout=subprocess.PIPE) as process:
            assert process.stdout.readline() == "begun\n"
            started.append(process)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert started[0].poll() == 0


def event(name: str, level: str, message: str, node: str | None = None) -> str:
    info = {"name": name, "level": level, "msg": message}
    return json.dumps({"info": info, "data": {"node_info": {"unique_id": node}}})


def test_dbt_is_heard_once_and_without_its_frame() -> None:
    said = [
        event("LogTestResult", "warn", "1 of 2 WARN 1 some_test", "a"),
        event("RunResultWarning", "warn", "Warning in test a", "a"),
        event("RunResultWarning", "warn", "Warning in test a", "a"),
        event("RunResultWarningMessage", "warn", "Got 1 result", "a"),
        event("RunResultWarningMessage", "warn", "Got 1 result", "b"),
        event("MainReportVersion", "info", "Running with dbt"),
        "a library's own words",
        '{"info": "of another kind"}',
    ]
    assert list(heard(said, lambda *_: None)) == [
        ("warn", "Warning in test a"),
        ("warn", "Got 1 result"),
        ("warn", "Got 1 result"),
        ("warn", "a library's own words"),
        ("warn", '{"info": "of another kind"}'),
    ]
    message = "Compilation Error in operation x (y)\n  Mend this.\n  \n  > in macro m (p)"
    assert without_frame(message) == "Mend this."
