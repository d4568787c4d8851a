"""The same models on a real PostgreSQL server: the demo's marts are equal, row for row."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import duckdb
import psycopg2
import pytest
from conftest import Project
from parity import MART_KEYS, MartRow, rows_of_mart

from engines import postgres

BUILD = ("build", "--target", "postgres", "--target-path", "target/postgres")
NO_TESTS = ("--exclude-resource-type", "unit_test", "test")
EARLIER = "2026-11-09 12:00:00"


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.Server]:
    with postgres.server(postgres.THROW_AWAY) as started:
        yield started


@pytest.fixture
def database(server: postgres.Server) -> Iterator[postgres.Server]:
    """The server's database, with nothing in it."""
    execute(server, postgres.DROP_EVERYTHING)
    return server


def execute(server: postgres.Server, sql: str) -> None:
    with psycopg2.connect(server.dsn) as connection, connection.cursor() as cursor:
        cursor.execute(sql)


Marts = dict[str, Counter[tuple[tuple[str, object], ...]]]


def marts_of(server: postgres.Server) -> Marts:
    with psycopg2.connect(server.dsn) as connection, connection.cursor() as cursor:
        return {mart: comparable(rows_of_mart(cursor, mart)) for mart in MART_KEYS}


def marts_of_duckdb(project: Project) -> Marts:
    with duckdb.connect(str(project.database), read_only=True) as connection:
        return {mart: comparable(rows_of_mart(connection, mart)) for mart in MART_KEYS}


def comparable(rows: list[MartRow]) -> Counter[tuple[tuple[str, object], ...]]:
    """Points to the hundredth: engines differ in the last digits of a power."""
    return Counter(
        tuple(
            (name, round(value, 2) if isinstance(value, Decimal) else value)
            for name, value in sorted(row.items())
        )
        for row in rows
    )


def build(project: Project, server: postgres.Server, *arguments: str, **variables: object) -> str:
    done = project.dbt(*BUILD, *arguments, env=server.environment, **variables)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_demo_is_the_same_with_all_of_its_tests(
    demo: Project, database: postgres.Server
) -> None:
    done = demo.dbt(*BUILD, env=database.environment | {"CONTACT_SCORING_AUDIT": "true"})
    assert done.returncode == 0, done.stdout
    assert marts_of(database) == marts_of_duckdb(demo)


def test_a_tick_goes_on_from_the_last_build(project: Project, database: postgres.Server) -> None:
    """Batches in two builds, with a copy, an erasure and an edited rule on the way."""
    project.score(as_of=EARLIER)
    project.score()
    build(project, database, *NO_TESTS, as_of=EARLIER)
    build(project, database, *NO_TESTS)
    assert marts_of(database) == marts_of_duckdb(project)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"CONTACT_SCORING_PG_PORT": "1"}, "Connection refused"),
        ({"DBT_ENV_SECRET_PG_PASSWORD": "wrong"}, "password authentication failed"),
        ({"CONTACT_SCORING_PG_DATABASE": "nowhere"}, 'database "nowhere" does not exist'),
    ],
)
def test_a_server_that_lets_nobody_in_is_named(
    demo: Project, server: postgres.Server, setting: dict[str, str], message: str
) -> None:
    done = demo.dbt(*BUILD, *NO_TESTS, env=server.environment | setting)
    assert done.returncode != 0
    assert message in done.stdout
    assert server.password not in done.stdout


@pytest.mark.parametrize(
    ("rights", "message"),
    [
        ("", "permission denied for database contact_scoring"),
        (
            "grant create on database contact_scoring to guest",
            "There is no raw table in the schema crm. Does it exist, and may this user read it?",
        ),
    ],
)
def test_what_a_user_may_not_do_is_named(
    demo: Project, database: postgres.Server, rights: str, message: str
) -> None:
    guest = {"CONTACT_SCORING_PG_USER": "guest", "DBT_ENV_SECRET_PG_PASSWORD": "welcome"}
    execute(
        database,
        f"""
        create schema crm; create table crm.contacts (contact_id text, email_address text);
        do $$ begin
            if not exists (select 1 from pg_roles where rolname = 'guest') then
                create role guest login password 'welcome';
            end if;
        end $$;
        revoke create on database contact_scoring from guest;
        {rights}
        """,
    )
    done = demo.dbt(*BUILD, *NO_TESTS, env=database.environment | guest, raw_schema="crm")
    assert done.returncode != 0
    assert message in done.stdout
