"""A published mart as CSV, which a spreadsheet opens without running anything in it."""

import csv
import io
from pathlib import Path

import duckdb
import pytest
from conftest import CLASSIC_RULES, NO_UNIT_TESTS, Project, write_csv

from contact_scoring.export import NEUTRALISED

NAMES = {
    "=1+1": "'=1+1",
    "+49 30 864523": "+49 30 864523",
    "+49 (0)30-864523": "+49 (0)30-864523",
    "+49 30 A1": "'+49 30 A1",
    "+1+cmd|' /C calc'!A0": "'+1+cmd|' /C calc'!A0",
    "+1\n=2": "'+1\n=2",
    "+": "'+",
    "-x": "'-x",
    "@sum(a)": "'@sum(a)",
    "plain = fine": "plain = fine",
    'quoted, "so"': 'quoted, "so"',
    "": "",
}


@pytest.fixture
def published(project: Project) -> Project:
    """A contact a name, each with one open, and a rule that takes a point for it."""
    project.write_config(
        "scoring_rules", CLASSIC_RULES.replace("email_open,,,,1,", "email_open,,,,-1,")
    )
    raw: Path = project.path / "exports"
    ids = [str(number) for number in range(len(NAMES))]
    write_csv(
        raw,
        "contacts",
        [
            {"contact_id": who, "email_address": f"{who}@x.example", "full_name": full_name}
            for who, full_name in zip(ids, NAMES, strict=True)
        ],
    )
    event = {"event_type": "email_open", "occurred_at": "2026-05-31"}
    write_csv(
        raw,
        "email_events",
        [event | {"event_id": who, "email_address": f"{who}@x.example"} for who in ids],
    )
    done = project.dbt("build", *NO_UNIT_TESTS, raw_files="exports", as_of="2026-06-01")
    assert done.returncode == 0, done.stdout
    done = project.command("publish")
    assert done.returncode == 0, done.stdout
    return project


def test_formulas_are_neutralised_and_all_else_is_as_in_the_mart(published: Project) -> None:
    done = published.command("csv", "active_contacts", "--window", "7")
    assert done.returncode == 0, done.stdout
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    names = {row["contact_id"]: row["full_name"] for row in rows}
    assert names == {str(number): text for number, text in enumerate(NAMES.values())}
    # a number that is negative is no formula
    assert {row["score"] for row in rows} == {"-1.00"}
    assert {row["window_days"] for row in rows} == {"7"}

    # without a window, that of 30 days
    done = published.command("csv", "active_contacts")
    assert {row["window_days"] for row in csv.DictReader(io.StringIO(done.stdout))} == {"30"}

    done = published.command("csv", "scoring_status")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[1].startswith("activities,0,")


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_every_sign_that_a_formula_begins_with_is_neutralised(first: str) -> None:
    query = f"select {NEUTRALISED.format('cell')} from (select $1 || 'x' as cell)"
    assert duckdb.execute(query, [first]).fetchall() == [(f"'{first}x",)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["active_contact"],
            "There is no mart 'active_contact'. There are: account_scores,",
        ),
        (["score_performance"], "There is no evaluation yet: `make evaluate` adds its marts."),
        (["scoring_status", "--window", "7"], "scoring_status is not by window"),
        (["account_scores", "--window", "10"], "no row of 10 days. It has 1, 7, 14, 30, 60, 90."),
        (["active_contacts", "--window", "91"], "91 is not in the range 1<=x<=90"),
    ],
)
def test_what_cannot_be_exported_is_said(demo: Project, arguments: list[str], message: str) -> None:
    assert demo.command("publish").returncode == 0
    done = demo.command("csv", *arguments)
    assert done.returncode != 0
    assert message in done.stdout


def test_without_a_generation_there_is_nothing_to_export(project: Project) -> None:
    done = project.command("csv", "active_contacts")
    assert done.returncode != 0
    assert done.stdout.startswith("Nothing is published in")
