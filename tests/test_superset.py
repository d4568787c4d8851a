"""Apache Superset for real, on a published demo: `make test-superset`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from conftest import CLASSIC_RULES, NO_UNIT_TESTS, Project, copy_project

from contact_scoring.publishing import DATABASE
from tools import superset, try_out

if not os.environ.get("TEST_SUPERSET"):
    pytest.skip("Superset: `make test-superset` runs it", allow_module_level=True)

pytestmark = pytest.mark.xdist_group("superset")

WINDOWS = (1, 7, 30, 90)
COLUMNS = ["score_name", "contact_id", "full_name", "score", "score_rank", "times_earned", "band"]
NUMBERS = {"score", "total"}
TOTAL = {
    "expressionType": "SIMPLE",
    "column": {"column_name": "score"},
    "aggregate": "SUM",
    "label": "total",
}


@dataclass(frozen=True)
class Shown:
    """A Superset on a project's published marts."""

    project: Project
    client: superset.Client
    made: superset.Made
    folder: Path

    @property
    def file(self) -> Path:
        return self.project.path / "published" / "current" / DATABASE

    def rows(self, window: int, **query: object) -> list[tuple]:
        """What Superset answers for one window, with its decimals as the mart has them."""
        filters = [{"col": "window_days", "op": "==", "val": window}]
        rows = self.client.query(self.made.dataset, filters=filters, row_limit=50_000, **query)
        return [
            tuple(Decimal(str(row[name])) if name in NUMBERS else row[name] for name in row)
            for row in rows
        ]

    def marts(self, sql: str, *parameters: object) -> list[tuple]:
        """What the published file itself says."""
        with duckdb.connect(str(self.file), read_only=True) as connection:
            return connection.execute(sql, parameters).fetchall()

    def assert_equal(self, window: int) -> list[tuple]:
        """Totals, the top of the list in its order, and every row; the rows."""
        of_window = "from marts.active_contacts where window_days = ?"
        totals = self.rows(window, columns=["score_name"], metrics=["count", TOTAL])
        assert Counter(totals) == Counter(
            self.marts(f"select score_name, count(*), sum(score) {of_window} group by 1", window)
        )
        order = "order by score desc, score_name, contact_id"
        top = self.rows(
            window,
            columns=COLUMNS,
            orderby=[["score", False], ["score_name", True], ["contact_id", True]],
        )
        assert top == self.marts(f"select {', '.join(COLUMNS)} {of_window} {order}", window)
        return top


def build_and_publish(project: Project) -> None:
    done = project.dbt("build", *NO_UNIT_TESTS)
    assert done.returncode == 0, done.stdout
    done = project.command("publish")
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """The demo, published in a path with a space in it, and a Superset that shows it."""
    path = tmp_path_factory.mktemp("superset") / "a project"
    path.mkdir()
    project = copy_project(path)
    build_and_publish(project)
    folder = path / "warehouse" / "superset"
    with superset.server(try_out.free_port(), folder) as started:
        made = superset.fill(started, path / "published" / "current" / DATABASE)
        yield Shown(project, superset.Client(started), made, folder)
        password = started.password
        assert password not in (folder / "log").read_text("utf-8", "replace")
    assert not started.is_up()
    assert not folder.exists()


@pytest.mark.parametrize("window", WINDOWS)
def test_its_numbers_are_those_of_the_marts(shown: Shown, window: int) -> None:
    rows = shown.assert_equal(window)
    assert {row[0] for row in rows} == {"engagement", "buying_intent"}


def test_the_chart_is_of_one_score_and_one_window(shown: Shown) -> None:
    """What is saved of it asks for exactly the top of the list."""
    settings = superset.chart_settings(shown.made.dataset)
    filters = [
        {"col": each["subject"], "op": each["operator"], "val": each["comparator"]}
        for each in settings["adhoc_filters"]
    ]
    rows = shown.client.query(
        shown.made.dataset,
        columns=["contact_id", "score"],
        filters=filters,
        orderby=[["score", False], ["full_name", True]],
        row_limit=settings["row_limit"],
    )
    theirs = shown.marts(
        "select contact_id, score from marts.active_contacts "
        "where score_name = 'engagement' and window_days = 30 "
        "order by score desc, full_name limit 20"
    )
    assert [(row["contact_id"], Decimal(str(row["score"]))) for row in rows] == theirs


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select * from read_text('/etc/hostname')", "file system operations are disabled"),
        ("create table marts.theirs as select 1 as one", "does not allow for DDL/DML"),
    ],
)
def test_a_query_reads_the_marts_and_nothing_else(shown: Shown, sql: str, why: str) -> None:
    asked = {"database_id": shown.made.database, "sql": sql, "schema": "marts", "runAsync": False}
    with pytest.raises(RuntimeError, match=why):
        shown.client.call("POST", "sqllab/execute/", asked)


def test_it_answers_with_the_generation_published_last(shown: Shown) -> None:
    """While it runs, and while a connection to the one before is open."""
    before = shown.assert_equal(30)
    first = shown.file.resolve()
    with closing(duckdb.connect(str(shown.file), read_only=True)) as reader:
        shown.project.write_config("scoring_rules", CLASSIC_RULES)
        shown.project.write_config(
            "score_bands", "score_name,window_days,band,min_score,is_sales_ready\n"
        )
        build_and_publish(shown.project)
        assert shown.file.resolve() != first
        reader.execute("select count(*) from marts.active_contacts where window_days = 30")
        for window in WINDOWS:
            shown.assert_equal(window)
    after = shown.assert_equal(30)
    assert after != before
    assert {row[0] for row in after} == {"engagement"}
