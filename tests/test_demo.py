"""The demo: what a person who has just cloned the repository sees."""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from conftest import ROOT, Project, write_csv

EVENT_TABLES = ("email_events", "web_events", "activities")
SCORES = (
    "active_contacts",
    "contact_scores",
    "contact_list_scores",
    "disqualified_contacts",
    "score_drivers",
    "points_ledger",
    "rule_performance",
    "score_history",
    "sales_handoffs",
)
MARTS = (*SCORES, "rejected_events", "scoring_status")


def test_the_seeds_are_what_the_generator_writes(tmp_path: Path):
    demo = ROOT / "seeds" / "demo"
    for script in demo.glob("*.py"):
        shutil.copy(script, tmp_path)
    subprocess.run([sys.executable, "-B", str(tmp_path / "generate.py")], check=True)
    written = {file.name: file.read_bytes() for file in tmp_path.glob("*.csv")}
    assert written == {file.name: file.read_bytes() for file in demo.glob("*.csv")}


def test_the_hot_lead_is_number_one_and_the_cast_scores_as_its_story_says(demo: Project):
    scores = dict(
        demo.query(
            "select contact_id, [score_1d, score_7d, score_30d, score_90d]::int[] "
            "from marts.contact_scores where score_name = 'engagement'"
        )
    )
    top = demo.query(
        "select contact_id from marts.active_contacts "
        "where score_name = 'engagement' and window_days = 30 and score_rank = 1"
    )
    assert top == [("C001",)]
    expected = {
        "C001": [0, 15, 55, 67],  # the hot lead
        "C002": [0, 0, 0, 0],  # the scanner
        "C005": [0, 0, 0, 0],  # unsubscribed
        "C006": [0, 1, 3, 6],  # unsubscribed and came back
        "C007": [0, 1, 3, 5],  # a new address after a bounce
        "C009": [0, 0, 5, 23],  # the visitor who turned out to be a contact
        "C012": [0, 0, 9, 9],  # a chain of merges
        "C015": [0, 0, 2, 2],  # a withdrawn consent
        "C017": [0, 2, 2, 2],  # redelivered and repeated
        "C025": [0, 0, 0, 26],  # keen until September
    }
    assert {contact: scores[contact] for contact in expected} == expected
    assert not {"C011", "C013", "C014", "C018"} & set(scores)
    assert len(scores) == 196


def test_a_window_ends_at_the_second(demo: Project):
    """C026 viewed a page exactly 30 days before as-of, and another a second earlier."""
    scores = demo.query(
        "select window_days, score from marts.active_contacts "
        "where score_name = 'engagement' and contact_id = 'C026' order by window_days"
    )
    assert scores == [(n, 1 if n == 30 else 2) for n in range(30, 91)]


def test_a_filter_on_the_window_computes_that_window_alone(demo: Project):
    """SPEC §7, last line: the windows that are not asked for are not built."""
    for mart in ("active_contacts", "contact_list_scores", "score_drivers"):
        question = f"select * from marts.{mart} where window_days = 30"
        ((_, plan),) = demo.query(f"explain (analyze, format json) {question}")
        ((rows_of_all_windows,),) = demo.query(f"select count(*) from marts.{mart}")
        assert max(cardinalities(json.loads(plan))) < rows_of_all_windows / 4, mart


def cardinalities(operator: dict) -> Iterator[int]:
    """How many rows each operator of a plan gave."""
    yield operator.get("operator_cardinality", 0)
    for child in operator["children"]:
        yield from cardinalities(child)


@pytest.mark.long
def test_every_event_46_times_in_any_order_changes_no_score(demo: Project, project: Project):
    dice = random.Random(46)
    raw = project.path / "replay"
    shutil.copytree(demo.path / "seeds" / "demo", raw)
    for table in EVENT_TABLES:
        with (raw / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file)) * 46
        dice.shuffle(rows)
        write_csv(raw, table, rows)
    project.score(raw_files="replay", as_of="2026-11-16 00:00:00")
    for mart in SCORES:
        assert project.mart(mart) == demo.mart(mart), mart
    status = "select sum(rows_read), sum(engagements), sum(rejected) from marts.scoring_status"
    rows_read, engagements, rejected = demo.query(status)[0]
    assert project.query(status) == [(rows_read * 46, engagements, rejected * 46)]


@pytest.mark.long
def test_building_again_and_with_other_threads_gives_the_same_rows(demo: Project, project: Project):
    for threads in ("4", "4", "1"):
        done = project.dbt(
            *("build", "--exclude-resource-type", "unit_test", "test", "--threads", threads),
            env={"CONTACT_SCORING_THREADS": threads, "TZ": "Asia/Tokyo"},
        )
        assert done.returncode == 0, done.stdout
        for mart in MARTS:
            assert project.mart(mart) == demo.mart(mart), mart


def test_sales_calls_who_suits_and_is_interested(demo: Project):
    """C001 is hot, C012 only warm but leads quality; C023 is a student."""
    grades = demo.query(
        "select contact_id, grade, is_sales_ready from marts.lead_grades "
        "where contact_id in ('C001', 'C012', 'C023') order by contact_id"
    )
    assert grades == [("C001", "A1", True), ("C012", "A2", True), ("C023", None, False)]
    handed_over = demo.query(
        "select contact_id, grade from marts.sales_handoffs "
        "where score_name = 'engagement' and contact_id in ('C001', 'C012', 'C023') order by 1"
    )
    assert handed_over == [("C001", "A1"), ("C012", "A2")]


def test_the_blog_counts_from_the_third_time(demo: Project):
    times_earned, by_reason = (
        demo.query(sql.format("rule_id = 'reads_the_blog'"))
        for sql in (
            "select min(times_earned) from marts.score_drivers where window_days = 90 and {}",
            "select count(*) from marts.points_ledger where unearned_reason = 'too_few' and {}",
        )
    )
    assert times_earned == [(3,)]
    assert by_reason[0][0] > 0


@pytest.mark.long
def test_a_part_that_would_not_fit_the_rest_is_not_built(project: Project):
    project.score()
    before = project.mart("contact_scores")
    read = {
        "contact_scores+": (
            "contact_standings, erased_actors, history_builds, present_contacts, sales_ready"
        ),
        "points_ledger": (
            "actors, driver_steps, engagements, present_contacts, rule_matches, rule_weights, "
            "visitor_consents"
        ),
    }
    for selected, named in read.items():
        done = project.dbt("run", "--select", selected, as_of="2026-11-10 00:00:00")
        assert done.returncode != 0
        assert "A part of the models is selected, for 2026-11-10 00:00:00, which" in done.stdout
        assert f"reads {named} as built for 2026-11-16 00:00:00." in done.stdout
        assert project.mart("contact_scores") == before
        # for the same instant it fits
        done = project.dbt("run", "--select", selected)
        assert done.returncode == 0, done.stdout
    # with all that it reads, it fits whatever the instant
    for mart in ("active_contacts", "contact_scores"):
        for as_of in ("2026-11-10 00:00:00", "2026-11-16 00:00:00"):
            done = project.dbt("run", "--select", f"+{mart}", as_of=as_of)
            assert done.returncode == 0, done.stdout
            assert project.query(f"select distinct as_of::text from marts.{mart}") == [(as_of,)]
    assert project.mart("contact_scores") == before


def report(command: str, database: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "contact_scoring", command],
        cwd=ROOT,
        env=os.environ
        | {
            "CONTACT_SCORING_DB": str(database),
            "CONTACT_SCORING_PUBLISHED": str(database.with_name("published")),
        },
        text=True,
        capture_output=True,
        check=False,
    )


def test_the_summary_shows_who_what_and_where(demo: Project):
    done = report("summary", demo.database)
    assert done.returncode == 0, done.stderr
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in done.stdout.splitlines()]
    assert ["1", "Anna Berg", "Harbor Foods AB", "55", "hot", "A1", "page_view (43)"] in lines
    assert ["engagement", "109", "80", "7"] in lines
    assert ["email_events", "3,244", "3,151", "65", "1", "27"] in lines
    assert ["missing_event_id", "1", "email_events"] in lines
    assert f"Of the last build, {demo.database}." in done.stdout


def test_the_summary_shows_another_score_where_nobody_has_engagement(demo: Project, tmp_path: Path):
    """Calls and meetings are all that a CRM knows."""
    database = tmp_path / demo.database.name
    shutil.copy(demo.database, database)
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "delete from points.score_steps where score_number in ("
            "select score_number from points.contact_standings where score_name = 'engagement')"
        )
    assert "by buying_intent, the 30 days to" in report("summary", database).stdout


def test_the_summary_of_no_build_is_one_line(tmp_path: Path):
    done = report("summary", tmp_path / "none.duckdb")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"There is no database at {tmp_path / 'none.duckdb'}. Run `make build` first."
    ]


def test_a_locked_database_is_one_line_before_and_after_a_build(tmp_path: Path):
    database = tmp_path / "new folder" / "locked.duckdb"
    assert report("recover", database).returncode == 0
    with duckdb.connect(str(database)):
        for command in ("recover", "summary"):
            done = report(command, database)
            assert done.returncode == 1
            assert done.stderr.startswith(f"The database {database} is in use, by a build or an")
            assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("folder", ["models", "."])
def test_dbt_finds_its_database_wherever_it_is_started_from(project: Project, folder: str):
    elsewhere = project.path if folder == "." else project.path / folder
    outside = elsewhere if folder != "." else project.path.parent
    extra = () if folder != "." else ("--project-dir", str(project.path))
    done = project.dbt("seed", "--select", "lists", *extra, cwd=outside)
    assert done.returncode == 0, done.stdout
    assert project.database.exists()
