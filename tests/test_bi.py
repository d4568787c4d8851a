"""The published file as a BI tool reads it, through SQLAlchemy and duckdb-engine."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest
import sqlalchemy
from conftest import Project
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

# duckdb-engine says that it reflects no index; the file has none
pytestmark = pytest.mark.filterwarnings("ignore:duckdb-engine doesn't yet support reflection")

AS_OF = "2026-11-16 00:00:00"
LATER = "2026-11-16 12:00:00"
VIEWS = {"account_scores", "active_contacts", "contact_list_scores", "score_drivers"}
TABLES = {
    "contact_scores",
    "disqualified_contacts",
    "points_ledger",
    "rejected_events",
    "rule_performance",
    "sales_handoffs",
    "score_history",
    "scoring_status",
    "fit_scores",
    "fit_drivers",
    "lead_grades",
    "band_forecast",
    "score_changes",
}


@pytest.fixture(scope="module")
def published(demo: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's folder of publications."""
    folder = tmp_path_factory.mktemp("published")
    done = demo.command("publish", env={"CONTACT_SCORING_PUBLISHED": str(folder)})
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture
def following(published: Path, tmp_path: Path) -> Path:
    """A folder whose `current` is the demo's, and can be moved to the next tick's."""
    demo = (published / "current").resolve()
    later = tmp_path / "later"
    shutil.copytree(demo, later)
    file = later / "contact_scoring.duckdb"
    file.chmod(0o644)
    with duckdb.connect(str(file)) as connection:
        connection.execute("update marts.scoring_status set as_of = ?", [LATER])
    lead_to(tmp_path, demo)
    return tmp_path


def lead_to(folder: Path, generation: Path) -> None:
    """Replace `current` in one step, as publishing does."""
    (folder / "link").symlink_to(generation)
    (folder / "link").replace(folder / "current")


def engine(folder: Path, **options: object) -> Engine:
    """An engine by a URI alone, as a BI tool is given it."""
    file = folder / "current" / "contact_scoring.duckdb"
    return sqlalchemy.create_engine(f"duckdb:///{file}?access_mode=read_only", **options)


def as_of(engine: Engine) -> str:
    with engine.connect() as connection:
        return as_of_connection(connection)


def as_of_connection(connection: sqlalchemy.Connection) -> str:
    return connection.scalar(
        sqlalchemy.text("select cast(max(as_of) as varchar) from marts.scoring_status")
    )


def test_tables_views_and_columns_are_found(published: Path) -> None:
    inspector = sqlalchemy.inspect(engine(published, poolclass=NullPool))
    # with the file's name before it, as duckdb-engine lists schemas, and without
    assert "contact_scoring.marts" in inspector.get_schema_names()
    for schema in ("contact_scoring.marts", "marts"):
        assert set(inspector.get_table_names(schema=schema)) == TABLES
        assert set(inspector.get_view_names(schema=schema)) == VIEWS
        columns = {
            column["name"]: column["type"]
            for column in inspector.get_columns("active_contacts", schema=schema)
        }
        assert list(columns)[:3] == ["score_name", "window_days", "contact_id"]
        assert isinstance(columns["score_name"], sqlalchemy.String)
        assert isinstance(columns["window_days"], sqlalchemy.Integer)
        assert isinstance(columns["last_engaged_at"], sqlalchemy.DateTime)
        assert isinstance(columns["score"], sqlalchemy.Numeric)
        assert (columns["score"].precision, columns["score"].scale) == (18, 2)
    for mart in TABLES | VIEWS:
        for column in inspector.get_columns(mart, schema="marts"):
            assert not isinstance(column["type"], sqlalchemy.types.NullType), (mart, column)
    comment = inspector.get_table_comment("contact_scores", schema="marts")
    assert comment["text"] == f"as of {AS_OF} UTC"


@pytest.mark.parametrize("window", [1, 7, 30, 90])
def test_active_contacts_are_the_marts(demo: Project, published: Path, window: int) -> None:
    reader = engine(published, poolclass=NullPool)
    inspector = sqlalchemy.inspect(reader)
    columns = [
        sqlalchemy.column(column["name"], column["type"])
        for column in inspector.get_columns("active_contacts", schema="marts")
    ]
    mart = sqlalchemy.table("active_contacts", *columns, schema="marts")
    query = sqlalchemy.select(mart).where(mart.c.window_days == window)
    with reader.connect() as connection:
        found = [tuple(row) for row in connection.execute(query)]
        (top, score), *_ = connection.execute(
            sqlalchemy.select(mart.c.contact_id, sqlalchemy.func.sum(mart.c.score))
            .where(mart.c.window_days == window)
            .group_by(mart.c.contact_id)
            .order_by(sqlalchemy.desc(sqlalchemy.func.sum(mart.c.score)), mart.c.contact_id)
            .limit(1)
        )
    rows = demo.query("select * from marts.active_contacts where window_days = ?", window)
    assert rows
    assert Counter(found) == Counter(rows)
    assert [(top, score)] == demo.query(
        "select contact_id, sum(score) from marts.active_contacts where window_days = ? "
        "group by all order by sum(score) desc, contact_id limit 1",
        window,
    )


def test_nothing_can_be_written(published: Path) -> None:
    reader = engine(published, poolclass=NullPool)
    for statement in (
        "delete from marts.scoring_status",
        "create table marts.notes (note varchar)",
        "drop view marts.active_contacts",
    ):
        with pytest.raises(DBAPIError, match="read-only"), reader.begin() as connection:
            connection.execute(sqlalchemy.text(statement))
    assert as_of(reader) == AS_OF


def test_an_engine_without_a_pool_follows_what_is_published(following: Path) -> None:
    reader = engine(following, poolclass=NullPool)
    demo = (following / "current").resolve()
    assert as_of(reader) == AS_OF
    lead_to(following, following / "later")
    assert as_of(reader) == LATER
    with reader.connect() as still_open:
        assert as_of_connection(still_open) == LATER
        lead_to(following, demo)
        # a new connection reads the new one, while an open one stays with its own
        assert as_of(reader) == AS_OF
        assert as_of_connection(still_open) == LATER


def test_an_engine_with_a_pool_stays_until_it_is_disposed_of(following: Path) -> None:
    reader = engine(following)
    assert as_of(reader) == AS_OF
    lead_to(following, following / "later")
    assert as_of(reader) == AS_OF
    reader.dispose()
    assert as_of(reader) == LATER


def test_readers_do_not_keep_each_other_out(published: Path, demo: Project) -> None:
    """Another process reads the same file; beside a connection that may write it could not."""
    file = (published / "current").resolve() / "contact_scoring.duckdb"
    script = (
        "import duckdb, sys; "
        "print(duckdb.connect(sys.argv[1], read_only=True).sql('select 42').fetchall())"
    )
    with engine(published, poolclass=NullPool).connect() as connection:
        assert as_of_connection(connection) == AS_OF
        done = demo.call([sys.executable, "-c", script, str(file)])
    assert done.stdout == "[(42,)]\n"
