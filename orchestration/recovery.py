"""Make sure that a build can write to its database: `python -m orchestration.recovery`.

dbt's own answer to a locked or damaged file is a stack trace. What is damaged is set aside, never
removed; the build that follows reads all raw tables anew, and goes on from what the published
generation remembers of past builds, which no raw table could tell it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.publishing import current_generation, literal
from reports.warehouse import DamagedDatabase, database_path, open_database

# what a build keeps of earlier ones, with the instants that it remembers them by
REMEMBERED = ("marts.score_history", "marts.sales_handoffs", "points.history_builds")


def prepare() -> list[str]:
    """Leave a database that can be written to; what was done for it. Exits where it is in use."""
    path = database_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"The folder of the database {path} cannot be made: {error}") from None
    log = Path(f"{path}.wal")
    try:
        with open_database(read_only=False) as connection:
            connection.execute("checkpoint")
    except DamagedDatabase as error:
        kept = [set_aside(file) for file in (path, log) if file.exists()]
        said = [f"{error} Kept as {', '.join(kept)}. All raw tables are read anew."]
        return [*said, restore(path)]
    if log.exists():
        # a log that belongs to the file is taken into it when it is opened
        return [f"{log} is no log of this database. Kept as {set_aside(log)}."]
    return []


def set_aside(file: Path) -> str:
    """Give a file a name under which nothing reads it."""
    kept = file.with_name(f"{file.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    file.rename(kept)
    return kept.name


def restore(path: Path) -> str:
    """Begin a new database with what the published generation remembers."""
    generation = current_generation()
    if generation is None:
        return "Nothing is published: the history of scores begins anew."
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"attach {literal(generation.database)} as published (read_only)")
        for table in REMEMBERED:
            connection.execute(f"create schema if not exists {table.partition('.')[0]}")
            connection.execute(f"create table {table} as select * from published.{table}")
    return f"The history of scores goes on from the one published for {generation.as_of} UTC."


def main() -> None:
    for line in prepare():
        print(line)


if __name__ == "__main__":
    main()
