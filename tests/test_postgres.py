"""The same models on a real PostgreSQL server: the demo's marts are equal, row for row."""

import os
from datetime import datetime
from random import Random

import pytest
from conftest import EARLIER, NO_TESTS, Project, long
from marts import marts_of, marts_of_duckdb
from test_soak import Crm

from tools import postgres

DEMO_AS_OF = "2026-11-16 00:00:00"
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


@pytest.mark.skipif(not os.environ.get("TEST_ENGINES"), reason="`make test-engines` runs it")
def test_a_tick_goes_on_from_the_last_build(project: Project, database: postgres.Server) -> None:
    """Two batches, with late rows, copies and erasures, and an edited rule between them."""
    crm = Crm(Random(1), datetime.fromisoformat(EARLIER), datetime.fromisoformat(DEMO_AS_OF))
    exports = project.path / "exports"
    rules = (project.path / "seeds" / "config" / "scoring_rules.csv").read_text("utf-8")
    view = "page_view,engagement,page_view,,,,"
    for as_of, points in ((EARLIER, 1), (DEMO_AS_OF, 3)):
        assert f"{view}1," in rules
        project.write_config("scoring_rules", rules.replace(f"{view}1,", f"{view}{points},"))
        crm.fill(exports, datetime.fromisoformat(as_of))
        project.score(raw_files="exports", as_of=as_of)
        database.load(exports, "crm")
        own = {"raw_schema": "crm", "as_of": as_of}
        build(project, database, *NO_TESTS, "--exclude", "tag:demo", **own)
        with database.cursor() as cursor:
            assert marts_of(cursor) == marts_of_duckdb(project), as_of


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"CONTACT_SCORING_PG_PORT": "1"}, "Connection refused"),
        ({"DBT_ENV_SECRET_PG_PASSWORD": "wrong"}, "password authentication failed"),
        long({"CONTACT_SCORING_PG_DATABASE": "nowhere"}, 'database "nowhere" does not exist'),
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
        long("", "permission denied for database contact_scoring"),
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
