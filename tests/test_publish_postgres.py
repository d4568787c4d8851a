"""The published marts on a real PostgreSQL server: equal to the file's, and of one generation."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest
from conftest import REMEMBERING, Project

from contact_scoring.publish_postgres import PROGRAM
from tools import postgres

LOADING = "contact_scoring.publish_postgres"
AS_OF = "2026-11-16 00:00:00"
LATER = "2026-11-16 12:00:00"
BY_WINDOW = {"active_contacts", "contact_list_scores", "score_drivers"}
WINDOWS = (1, 7, 14, 30, 60, 90)
# whatever COPY could stumble over, for a contact's name in the demo
UNRULY = "a\tb\nc\r\nd\\e\\N\n\\.\n'\"$$,ü"
NAME = "Anna Berg"


@dataclass(frozen=True)
class Published:
    """A folder of publications with one generation in it."""

    folder: Path
    project: Project

    @property
    def database(self) -> Path:
        return (self.folder / "current").resolve() / "contact_scoring.duckdb"

    @property
    def environment(self) -> dict[str, str]:
        return {"CONTACT_SCORING_PUBLISHED": str(self.folder)}

    def query(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def load(self, server: postgres.Server, **settings: str) -> subprocess.CompletedProcess[str]:
        environment = server.environment | self.environment | settings
        return self.project.command("publish-postgres", env=environment)

    @contextmanager
    def loading(self, server: postgres.Server) -> Iterator[subprocess.Popen[str]]:
        """A load that is under way; ended at the latest with the block."""
        with subprocess.Popen(
            [sys.executable, "-m", "contact_scoring", "publish-postgres"],
            cwd=self.project.path,
            env=self.project.environment | server.environment | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture(scope="module")
def published(demo: Project, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The demo's marts."""
    folder = tmp_path_factory.mktemp("published")
    done = demo.command("publish", env={"CONTACT_SCORING_PUBLISHED": str(folder)})
    assert done.returncode == 0, done.stdout
    return Published(folder, demo)


@pytest.fixture(scope="module")
def later(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """The same at the next tick, with a text that is hard to copy."""
    folder = tmp_path_factory.mktemp("later")
    generation = folder / "generations" / "later"
    shutil.copytree(published.database.parent, generation)
    (folder / "current").symlink_to(generation)
    for path in (generation / "contact_scoring.duckdb", generation / "manifest.json"):
        path.chmod(0o644)
    manifest = json.loads((generation / "manifest.json").read_text())
    (generation / "manifest.json").write_text(json.dumps(manifest | {"as_of": LATER}))
    with duckdb.connect(str(generation / "contact_scoring.duckdb")) as connection:
        dated = connection.execute("""
            select schema_name || '.' || table_name from duckdb_columns()
            where
                column_name = 'as_of'
                and table_oid in (select table_oid from duckdb_tables())
        """).fetchall()
        for (table,) in dated:
            connection.execute(f"update {table} set as_of = '{LATER}'")
        connection.execute(
            "update marts.contact_scores set full_name = ? || chr(0) where full_name = ?",
            [UNRULY, NAME],
        )
    return Published(folder, published.project)


@pytest.fixture
def server(postgres_server: postgres.Server) -> Iterator[postgres.Server]:
    """The server, with nothing in its database before and after."""
    postgres_server.empty()
    yield postgres_server
    postgres_server.empty()


def query(server: postgres.Server, sql: str) -> list[tuple]:
    with server.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def load(published: Published, server: postgres.Server) -> str:
    done = published.load(server)
    assert done.returncode == 0, done.stdout
    return done.stdout


def marts(published: Published) -> dict[str, list[str]]:
    """The marts with their columns."""
    found: dict[str, list[str]] = {}
    for mart, column in published.query("""
        select table_name, column_name from duckdb_columns()
        where schema_name = 'marts' order by table_name, column_index
    """):
        found.setdefault(mart, []).append(column)
    assert len(found) == 17
    return found


def assert_equal(published: Published, server: postgres.Server) -> None:
    """Every mart is there with every row and no other."""
    for mart, columns in marts(published).items():
        select = f"select {', '.join(columns)} from {{}}.{mart}"
        for window in WINDOWS if mart in BY_WINDOW else [None]:
            where = f" where window_days = {window}" if window else ""
            theirs = published.query(select.format("marts") + where)
            theirs = [without_nul(row) for row in theirs]
            ours = query(server, select.format("published") + where)
            assert Counter(ours) == Counter(theirs), (mart, window)
            assert ours or mart in REMEMBERING
        if mart in BY_WINDOW:
            found = query(server, f"select distinct window_days from published.{mart} order by 1")
            assert [window for (window,) in found] == list(WINDOWS)


def without_nul(row: tuple) -> tuple:
    return tuple(value.replace("\0", "") if isinstance(value, str) else value for value in row)


def as_ofs(cursor: Any) -> set[str]:
    """The as-of of every mart that has one, each by a query of its own."""
    found = set()
    for mart in ("active_contacts", "contact_scores", "score_drivers", "scoring_status"):
        cursor.execute(f"select distinct as_of::text from published.{mart}")
        found |= {as_of for (as_of,) in cursor.fetchall()}
    return found


def as_ofs_now(server: postgres.Server) -> set[str]:
    with server.cursor() as cursor:
        return as_ofs(cursor)


@contextmanager
def held_up(server: postgres.Server) -> Iterator[Any]:
    """Keep a load from writing its seventh table; readers may read it."""
    with closing(psycopg2.connect(server.dsn)) as connection:
        with connection.cursor() as cursor:
            cursor.execute("lock table published.rule_performance in share row exclusive mode")
        yield connection
        connection.rollback()


def wait_for_lock(server: postgres.Server, kind: str, *loads: subprocess.Popen[str]) -> int:
    """The server's process of a load that waits; what it waits for is a relation, or advisory."""
    for _ in range(600):
        waiting = query(
            server,
            f"""
            select pid from pg_stat_activity
            where application_name = '{PROGRAM}' and wait_event = '{kind}'
            """,
        )
        if waiting:
            return waiting[0][0]
        for process in loads:
            assert process.poll() is None, process.stdout.read()
        time.sleep(0.1)
    raise AssertionError(f"no load waits for a lock of kind {kind}")


def test_the_tables_are_the_published_marts(
    published: Published, later: Published, server: postgres.Server
) -> None:
    said = load(published, server)
    rows = sum(
        json.loads((published.folder / "current" / "manifest.json").read_text())["marts"][mart][
            "rows"
        ]
        for mart in marts(published)
    )
    assert said == (
        f"Loaded for 2026-11-16 00:00 UTC into the schema published: {rows:,} rows in 17 tables.\n"
        "There is no evaluation yet: `make evaluate` adds its tables.\n"
    )
    assert_equal(published, server)
    types = dict(
        query(
            server,
            """
            select attname, format_type(atttypid, atttypmod) from pg_attribute
            where attrelid = 'published.active_contacts'::regclass and attnum > 0
            """,
        )
    )
    assert types["window_days"] == "integer"
    assert types["score"] == "numeric(18,2)"
    assert types["last_engaged_at"] == "timestamp without time zone"
    indexes = query(
        server,
        "select indexname from pg_indexes where schemaname = 'published' "
        "and tablename = 'active_contacts' order by 1",
    )
    assert indexes == [
        ("active_contacts_contact_id",),
        ("active_contacts_score_name_window_days",),
    ]
    comments = """
        select obj_description(oid, 'pg_class'), reltuples, relkind from pg_class
        where relnamespace = 'published'::regnamespace and relkind = 'r'
    """
    for comment, counted, _ in query(server, comments):
        assert f"as of {AS_OF} UTC" in comment
        assert counted >= 0

    load(later, server)
    assert_equal(later, server)
    names = query(server, "select distinct full_name from published.contact_scores")
    assert (UNRULY,) in names
    assert (NAME,) not in names
    assert all(f"as of {LATER} UTC" in comment for comment, *_ in query(server, comments))


def test_a_second_load_keeps_what_others_made(
    published: Published, server: postgres.Server
) -> None:
    load(published, server)
    with server.cursor() as cursor:
        cursor.execute("""
            create view public.hot as
                select contact_id from published.active_contacts where band = 'hot';
            create table published.notes (note text);
            grant select on published.active_contacts to public
        """)
    load(published, server)
    assert_equal(published, server)
    assert query(server, "select count(*) from public.hot")[0][0] > 0
    assert query(server, "select count(*) from published.notes") == [(0,)]
    granted = "select has_table_privilege('pg_monitor', 'published.active_contacts', 'select')"
    assert query(server, granted) == [(True,)]
    # what was deleted makes room for what comes next
    size = """
        select sum(pg_table_size(oid)) from pg_class
        where relnamespace = 'published'::regnamespace
    """
    before = query(server, size)
    load(published, server)
    assert query(server, size) <= before


def test_an_upgrade_changes_the_columns(published: Published, server: postgres.Server) -> None:
    """As if an earlier version had made the tables."""
    load(published, server)
    with server.cursor() as cursor:
        cursor.execute("""
            alter table published.contact_scores drop column band;
            alter table published.contact_scores add column grade text;
            alter table published.contact_scores alter column score_7d type double precision;
            alter table published.scoring_status rename to dropped_mart;
            grant select on published.contact_scores to public;
            create view public.grades as select grade from published.contact_scores;
        """)
    done = published.load(server)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert "drop the views on it that use them (view grades depends on column grade" in done.stdout
    assert query(server, "select count(*) from public.grades")[0][0] > 0

    with server.cursor() as cursor:
        cursor.execute("drop view public.grades")
    load(published, server)
    assert_equal(published, server)
    granted = "select has_table_privilege('pg_monitor', 'published.contact_scores', 'select')"
    assert query(server, granted) == [(True,)]
    assert query(server, "select to_regclass('published.dropped_mart')::text") == [(None,)]
    columns = "select * from published.contact_scores limit 0"
    with server.cursor() as cursor:
        cursor.execute(columns)
        found = {column.name for column in cursor.description}
    assert found == set(marts(published)["contact_scores"])


def test_a_table_that_stays_locked_is_named(published: Published, server: postgres.Server) -> None:
    load(published, server)
    impatient = f"import {LOADING} as loading; loading.LOCK_TIMEOUT = '1s'; loading.main()"
    with held_up(server):
        done = published.project.call(
            [sys.executable, "-c", impatient], env=server.environment | published.environment
        )
    assert done.returncode == 1
    assert done.stdout == (
        "Nothing was loaded into published, what was there stands: canceling statement due to lock "
        "timeout. Somebody has a table locked: load again when they are done.\n"
    )
    assert_equal(published, server)


def test_a_reader_sees_one_generation_and_waits_for_nobody(
    published: Published, later: Published, server: postgres.Server
) -> None:
    load(published, server)
    with closing(psycopg2.connect(server.dsn)) as reader, reader.cursor() as cursor:
        reader.set_session(isolation_level="REPEATABLE READ")
        # a query that had to wait for the load would fail
        cursor.execute("set lock_timeout = '2s'")
        cursor.execute(
            "select distinct as_of::text from published.rejected_events, published.contact_scores"
        )
        assert cursor.fetchall() == [(AS_OF,)]
        with held_up(server) as holder, later.loading(server) as process:
            wait_for_lock(server, "relation", process)
            assert as_ofs(cursor) == {AS_OF}
            assert as_ofs_now(server) == {AS_OF}
            holder.rollback()
            # the reader's transaction is still open
            said, _ = process.communicate()
            assert process.returncode == 0, said
        assert as_ofs(cursor) == {AS_OF}
        assert as_ofs_now(server) == {LATER}
        reader.rollback()
        assert as_ofs(cursor) == {LATER}
    assert_equal(later, server)


@pytest.mark.parametrize("by", ["the machine", "the server"])
def test_a_load_that_is_killed_leaves_the_last_one(
    published: Published, later: Published, server: postgres.Server, by: str
) -> None:
    load(published, server)
    with held_up(server), later.loading(server) as process:
        backend = wait_for_lock(server, "relation", process)
        if by == "the machine":
            process.send_signal(signal.SIGKILL)
        else:
            query(server, f"select pg_terminate_backend({backend})")
        said, _ = process.communicate()
        assert process.returncode == (-signal.SIGKILL if by == "the machine" else 1)
    if by == "the server":
        # psycopg2 may see the connection go before it reads why
        assert said in {
            f"Nothing was loaded into published, what was there stands: {why}.\n"
            for why in (
                "terminating connection due to administrator command",
                "server closed the connection unexpectedly",
            )
        }
    assert_equal(published, server)
    load(later, server)
    assert_equal(later, server)


def test_two_at_once_load_one_after_the_other(
    published: Published, later: Published, server: postgres.Server
) -> None:
    load(published, server)
    with held_up(server) as holder, later.loading(server) as first:
        wait_for_lock(server, "relation", first)
        with later.loading(server) as second:
            wait_for_lock(server, "advisory", first, second)
            holder.rollback()
            for process, said in ((first, ""), (second, "Waiting for another load to end.\n")):
                output, _ = process.communicate()
                assert process.returncode == 0, output
                assert output.startswith(f"{said}Loaded for 2026-11-16 12:00 UTC")
    assert_equal(later, server)


def test_a_generation_published_during_the_wait_is_the_one_loaded(
    published: Published, later: Published, server: postgres.Server, tmp_path: Path
) -> None:
    load(published, server)
    moving = Published(tmp_path, published.project)
    (tmp_path / "current").symlink_to(published.database.parent)
    with held_up(server) as holder, published.loading(server) as first:
        wait_for_lock(server, "relation", first)
        with moving.loading(server) as second:
            wait_for_lock(server, "advisory", first, second)
            (tmp_path / "newer").symlink_to(later.database.parent)
            (tmp_path / "newer").replace(tmp_path / "current")
            holder.rollback()
            output, _ = second.communicate()
            assert second.returncode == 0, output
    assert_equal(later, server)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"CONTACT_SCORING_PG_PORT": "1"}, "Connection refused"),
        ({"CONTACT_SCORING_PG_PORT": "high"}, 'invalid integer value "high"'),
        ({"DBT_ENV_SECRET_PG_PASSWORD": "wrong"}, "password authentication failed"),
        ({"CONTACT_SCORING_PG_DATABASE": "nowhere"}, 'database "nowhere" does not exist'),
        ({"CONTACT_SCORING_PG_SCHEMA": "marts"}, "is what `dbt build --target postgres` writes"),
        ({"CONTACT_SCORING_PG_SCHEMA": "crm"}, "The schema crm holds tables that this command"),
        ({"CONTACT_SCORING_PG_SCHEMA": "pg_mine"}, "unacceptable schema name"),
        ({"CONTACT_SCORING_PG_SCHEMA": "x" * 64}, "at most 63 bytes"),
        ({"CONTACT_SCORING_PUBLISHED": "/nowhere/published"}, "Nothing is published in /nowhere"),
    ],
)
def test_what_keeps_a_load_out_is_named_in_one_line(
    published: Published, server: postgres.Server, setting: dict[str, str], message: str
) -> None:
    with server.cursor() as cursor:
        cursor.execute("create schema crm; create table crm.contacts (contact_id text)")
    done = published.load(server, **setting)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert message in done.stdout
    assert server.password not in done.stdout
    assert query(server, "select count(*) from crm.contacts") == [(0,)]
    assert query(server, "select to_regnamespace('published')::text") == [(None,)]


def test_a_user_needs_a_schema_of_their_own(published: Published, server: postgres.Server) -> None:
    guest = {"CONTACT_SCORING_PG_USER": "loader", "DBT_ENV_SECRET_PG_PASSWORD": "welcome"}
    with server.cursor() as cursor:
        cursor.execute("""
            do $$ begin
                if not exists (select 1 from pg_roles where rolname = 'loader') then
                    create role loader login password 'welcome';
                end if;
            end $$
        """)
    done = published.load(server, **guest)
    assert done.returncode == 1
    assert done.stdout == (
        "Nothing was loaded into published, what was there stands: permission denied for database "
        "contact_scoring. The user loader has to own the schema and its tables: create schema "
        "published authorization loader, by an administrator.\n"
    )
    with server.cursor() as cursor:
        cursor.execute("create schema published authorization loader")
    done = published.load(server, **guest)
    assert done.returncode == 0, done.stdout
    assert_equal(published, server)


def test_no_text_of_a_row_is_in_a_message(published: Published, server: postgres.Server) -> None:
    load(published, server)
    with server.cursor() as cursor:
        cursor.execute(
            "alter table published.contact_scores add constraint short check (full_name < 'a') "
            "not valid"
        )
        cursor.execute("select full_name, email_address from published.contact_scores")
        texts = {text for row in cursor.fetchall() for text in row if text}
    done = published.load(server)
    assert done.returncode == 1
    assert done.stdout == (
        "Nothing was loaded into published, what was there stands: a value was refused into "
        "contact_scores (SQLSTATE 23514).\n"
    )
    assert texts
    assert not any(text in done.stdout for text in texts)
    assert_equal(published, server)


def test_a_damaged_generation_leaves_the_last_one(
    published: Published, server: postgres.Server, tmp_path: Path
) -> None:
    load(published, server)
    generation = tmp_path / "generations" / "damaged"
    shutil.copytree(published.database.parent, generation)
    (tmp_path / "current").symlink_to(generation)
    file = generation / "contact_scoring.duckdb"
    file.chmod(0o644)
    os.truncate(file, file.stat().st_size // 2)
    done = Published(tmp_path, published.project).load(server)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert done.stdout.startswith("Nothing was loaded")
    assert_equal(published, server)
