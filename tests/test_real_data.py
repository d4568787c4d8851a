"""Two courses of real students, whose totals somebody else counted, on every engine."""

import json
import os
from pathlib import Path

import duckdb
import pytest
from conftest import CLASSIC_RULES, NO_TESTS, ROOT, Project
from marts import marts_of, marts_of_duckdb

from tools import postgres, spark

DATA = ROOT / "tests" / "real_data"
COURSES = sorted(path.name for path in DATA.iterdir() if path.is_dir())
EXPECTED = {course: json.loads((DATA / course / "expected.json").read_text()) for course in COURSES}
TIMES = [
    (course, as_of)
    for course in COURSES
    for as_of in dict.fromkeys(window["as_of"] for window in EXPECTED[course]["windows"])
]
TOTALS = """
    select
        cast(sum(score) as bigint),
        count(*),
        count(*) filter (where contacts.contact_id in (
            select contact_id from marts.active_contacts where window_days = $window
        ))
    from points.score_steps as steps
    inner join engagement.present_contacts as contacts on steps.contact = contacts.contact
    where $window between steps.from_window and steps.to_window
"""


@pytest.fixture
def course_project(project: Project) -> Project:
    """A point a page view."""
    project.write_config("scoring_rules", CLASSIC_RULES)
    return project


def test_every_total_is_the_one_that_was_counted_in_the_source(course_project: Project) -> None:
    """One database for all of them: another course, or an earlier instant, is another input."""
    for course, as_of in TIMES:
        course_project.score(raw_files=str(DATA / course), as_of=as_of)
        with duckdb.connect(str(course_project.database), read_only=True) as connection:
            for window in EXPECTED[course]["windows"]:
                if window["as_of"] == as_of:
                    parameters = {"window": window["window_days"]}
                    found = connection.execute(TOTALS, parameters).fetchone()
                    names = ("page_views_in_window", "contacts_with_views", "active_contacts")
                    assert found == tuple(window[name] for name in names), window


@pytest.mark.xdist_group("spark")
@pytest.mark.skipif(not os.environ.get("TEST_ENGINES"), reason="`make test-engines` runs it")
@pytest.mark.parametrize("engine", ["postgres_server", "spark_cluster"])
def test_every_engine_has_the_same_marts(
    engine: str, request: pytest.FixtureRequest, course_project: Project, tmp_path: Path
) -> None:
    server: postgres.Server | spark.Cluster = request.getfixturevalue(engine)
    course, as_of = TIMES[-1]
    course_project.score(raw_files=str(DATA / course), as_of=as_of)

    exports = tmp_path / "exports"
    exports.mkdir()
    for file in (DATA / course).glob("*.parquet"):
        duckdb.read_parquet(str(file)).to_csv(str(exports / f"{file.stem}.csv"), header=True)
    server.empty()
    server.load(exports, "crm")
    where = ("--target", server.target, "--target-path", f"target/{server.target}")
    done = course_project.dbt(
        *("build", *where, "--exclude", "tag:demo", *NO_TESTS),
        env=server.environment,
        raw_schema="crm",
        as_of=as_of,
    )
    assert done.returncode == 0, done.stdout
    with server.cursor() as cursor:
        assert marts_of(cursor) == marts_of_duckdb(course_project)
