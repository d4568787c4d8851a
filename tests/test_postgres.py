"""The same models on a real PostgreSQL server: the demo's marts are equal, row for row."""

import pytest
from conftest import EARLIER, NO_TESTS, Project
from marts import marts_of, marts_of_duckdb

from engines import postgres

BUILD = ("build", "--target", "postgres", "--target-path", "target/postgres")


@pytest.fixture
def database(postgres_server: postgres.Server) -> postgres.Server:
    """The server's database, with nothing in it."""
    postgres_server.empty()
    return postgres_server


def build(project: Project, server: postgres.Server, *arguments: str, **variables: object) -> None:
    done = project.dbt(*BUILD, *arguments, env=server.environment, **variables)
    assert done.returncode == 0, done.stdout


def test_the_demo_is_the_same_with_all_of_its_tests(
    demo: Project, database: postgres.Server
) -> None:
    done = demo.dbt(*BUILD, env=database.environment | {"CONTACT_SCORING_AUDIT": "true"})
    assert done.returncode == 0, done.stdout
    with database.cursor() as cursor:
        assert marts_of(cursor) == marts_of_duckdb(demo)
        # a planner that knows nothing of a table loops over all pairs of its rows
        cursor.execute("""
            select relname from pg_class
            where
                relkind = 'r'
                and reltuples < 0
                and relnamespace::regnamespace::text in ('staging', 'engagement', 'points', 'marts')
        """)
        assert cursor.fetchall() == []


def test_a_tick_goes_on_from_the_last_build(project: Project, database: postgres.Server) -> None:
    """Batches in two builds, with a copy, an erasure and an edited rule on the way."""
    project.score(as_of=EARLIER)
    project.score()
    build(project, database, *NO_TESTS, as_of=EARLIER)
    build(project, database, *NO_TESTS)
    with database.cursor() as cursor:
        assert marts_of(cursor) == marts_of_duckdb(project)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"CONTACT_SCORING_PG_PORT": "1"}, "Connection refused"),
        ({"DBT_ENV_SECRET_PG_PASSWORD": "wrong"}, "password authentication failed"),
        ({"CONTACT_SCORING_PG_DATABASE": "nowhere"}, 'database "nowhere" does not exist'),
    ],
)
def test_a_server_that_lets_nobody_in_is_named(
    demo: Project, postgres_server: postgres.Server, setting: dict[str, str], message: str
) -> None:
    done = demo.dbt(*BUILD, *NO_TESTS, env=postgres_server.environment | setting)
    assert done.returncode != 0
    assert message in done.stdout
    assert postgres_server.password not in done.stdout


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
    with database.cursor() as cursor:
        cursor.execute(f"""
            create schema crm; create table crm.contacts (contact_id text, email_address text);
            do $$ begin
                if not exists (select 1 from pg_roles where rolname = 'guest') then
                    create role guest login password 'welcome';
                end if;
            end $$;
            revoke create on database contact_scoring from guest;
            {rights}
        """)
    done = demo.dbt(*BUILD, *NO_TESTS, env=database.environment | guest, raw_schema="crm")
    assert done.returncode != 0
    assert message in done.stdout
