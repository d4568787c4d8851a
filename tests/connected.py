"""Projects over tools' tables as their loaders leave them, and what becomes of the rows."""

from pathlib import Path

import duckdb
from conftest import CLASSIC_RULES, NO_UNIT_TESTS, ROOT, Project, copy_project

from tools import postgres, snowflake

AS_OF = "2026-06-01 00:00:00"
FIXTURES = ROOT / "tests" / "connectors"
RULES = CLASSIC_RULES + "form,,form_submission,,,,10,,,,,,,\n"


def load(project: Project, connector: str) -> None:
    """Load a connector's tables into a schema of its name, as a loader does."""
    with duckdb.connect(str(project.database)) as connection:
        connection.execute(f"create schema if not exists {connector}")
        for file in sorted((FIXTURES / connector).glob("*.csv")):
            table = f"{connector}.{file.stem}"
            connection.execute(f"create table {table} as from read_csv('{file}', header = true)")


def connected(folder: Path, *connectors: str) -> Project:
    folder.mkdir(exist_ok=True)
    project = copy_project(folder)
    project.write_config("scoring_rules", RULES)
    for connector in connectors:
        load(project, connector)
    return project


def counts(project: Project, connector: str) -> dict[str, dict[str, int]]:
    """By source table: what was counted, and how many rows."""
    found: dict[str, dict[str, int]] = {}
    for table, counted, rows in project.query(
        f"select * from connectors.{connector}_reconciliation"
    ):
        found.setdefault(table, {})[counted] = rows
    return found


def scores(project: Project) -> dict[str, int]:
    rows = project.query(
        "select contact_id, score from marts.active_contacts where window_days = 30"
    )
    return {contact: int(score) for contact, score in rows}


def rejected(project: Project) -> set[tuple]:
    return set(project.query("select event_id, event_type, reason from marts.rejected_events"))


def disqualified(project: Project) -> set[tuple]:
    return set(project.query("select contact_id, event_type from marts.disqualified_contacts"))


def rows_of_united(raw_table: str) -> str:
    """A query of a united raw table that reads the same on each engine."""
    columns = {"email_events": "event_id, event_type, occurred_at, received_at, is_machine"}
    return f"select {columns.get(raw_table, '*')} from connectors.united_{raw_table}"


def assert_same_on(
    project: Project,
    server: postgres.Server | snowflake.Emulator,
    connectors: list[str],
    tables: list[str],
    **variables: object,
) -> None:
    """United raw tables, row for row. There all source columns are text: a loader may choose."""
    server.empty()
    for connector in connectors:
        server.load(FIXTURES / connector, connector)
    arguments = ("build", *NO_UNIT_TESTS, "-s", "path:models/connectors")
    target = ("--target", server.target, "--target-path", f"target/{server.target}")
    variables |= {"connectors": connectors, "as_of": AS_OF}
    done = project.dbt(*arguments, *target, env=server.environment, **variables)
    assert done.returncode == 0, done.stdout
    with server.cursor() as cursor:
        for table in tables:
            cursor.execute(rows_of_united(table))
            theirs = sorted(map(tuple, cursor.fetchall()), key=repr)
            assert theirs == sorted(project.query(rows_of_united(table)), key=repr), table
