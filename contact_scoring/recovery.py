"""Make sure that a build can write to its database: `contact-scoring recover`.

dbt's own answer to a locked or damaged file is a stack trace. What is damaged is set aside, and
stays until there is another; the build that follows reads all raw tables anew, and goes on from
what the published generation remembers of past builds, which no raw table could tell it: the
history, and the keys by which it knows the rows of deleted contacts.
"""

from __future__ import annotations

import glob
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from contact_scoring.publishing import (
    REMEMBERED,
    Generation,
    current_generation,
    literal,
    name,
    published_path,
)
from contact_scoring.warehouse import (
    NO_DOWNLOADS,
    DamagedDatabase,
    Settings,
    database_path,
    memory_limit,
    only_row,
    open_database,
)

TABLES_OF = """
    select schema_name, table_name from duckdb_tables()
    where database_name = ? and not internal and estimated_size <= ?
"""
ANY_SIZE = 2**62
# rows of a table that is read each time: such a build looks at before it forgets the last one,
# and would fail there again and again
FEW = 10_000
# DuckDB then does not know which of the two a name begins with
SCHEMA_NAMED = """
    select 1 from duckdb_schemas() where database_name = ? and schema_name = ?
"""
# The blocks that a table points to have to be in the file. DuckDB's count of all blocks says
# nothing about its length: it still counts those that were cut from the end when they were free.
# Looking up the blocks costs a third of reading all rows (0.35 s where 514 MB are read in 1.1 s).
BLOCK_SIZE = """
    select block_size from pragma_database_size() where database_name = current_database()
"""
LAST_BLOCK = """
    select max(greatest(block_id, list_max(additional_block_ids))) from pragma_storage_info($table)
"""
# three headers come before the first block
HEADERS = 3 * 4096
# as in profiles.yml: a file keeps the storage that it was begun with
NEW_DATABASE: Settings = NO_DOWNLOADS | {"storage_compatibility_version": "v1.5.0"}


def prepare() -> list[str]:
    """Leave a database that can be written to; what was done for it. Exits where it is in use."""
    memory_limit()
    path = database_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(f"The folder of the database {path} cannot be made: {error}") from None
    log = Path(f"{path}.wal")
    said = []
    if path.exists():
        try:
            if not read_whole():
                # begun by a command that builds nothing, such as `dbt docs generate`
                path.unlink()
        except DamagedDatabase as error:
            said.append(f"{error} All raw tables are read anew.")
            said += [f"Kept as {set_aside(file)}." for file in (path, log) if file.exists()]
    if log.exists():
        # a log that belongs to the file is taken into it when it is opened
        said.append(f"{log} is no log of this database. Kept as {set_aside(log)}.")
    generation = current_generation()
    if generation and not path.exists() and restore(path, generation):
        said.append(f"The history of scores goes on from the one published for {generation.as_of}.")
    return said


def read_whole() -> bool:
    """Open the database and see that it is whole; whether it holds any table.

    After a build that failed all of it is read. After one that passed only the small tables are
    read, and the large ones are only looked at for their end: whatever else is wrong with them
    fails a build, and then all of it is read.
    """
    path = database_path()
    with open_database(read_only=False) as connection:
        try:
            connection.execute("checkpoint")
            (current,) = only_row(connection, "select current_database()")
            if connection.execute(SCHEMA_NAMED, [current, current]).fetchone():
                raise SystemExit(
                    f"The database is called {current}, as a schema in it is. "
                    "Give its file another name (CONTACT_SCORING_DB)."
                )
            tables = connection.execute(TABLES_OF, [current, ANY_SIZE]).fetchall()
            if path.stat().st_size < end_of_tables(connection, tables):
                raise DamagedDatabase(f"The database {path} is damaged: its end is gone.")
            read = tables
            if ("points", "tested_build") in tables:
                read = connection.execute(TABLES_OF, [current, FEW]).fetchall()
            for schema, table in read:
                rows = f"{name(schema)}.{name(table)} as whole_row"
                connection.execute(f"select bit_xor(hash(whole_row)) from {rows}").fetchall()
        except (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException) as error:
            if "No space left on device" in str(error):
                # a whole file, which only cannot take in its log
                raise SystemExit(f"There is no room for {path}: {error}") from None
            raise DamagedDatabase(f"The database {path} is damaged: {error}") from None
    return bool(tables)


def end_of_tables(connection: duckdb.DuckDBPyConnection, tables: list[tuple[str, str]]) -> int:
    """How long the file has to be for all of the tables' blocks to be in it."""
    (block_size,) = only_row(connection, BLOCK_SIZE)
    last = -1
    for schema, table in tables:
        named = {"table": f"{name(schema)}.{name(table)}"}
        (block,) = only_row(connection, LAST_BLOCK, named)
        # a table without rows, or of constants, has none
        last = max(last, -1 if block is None else block)
    return HEADERS + (last + 1) * int(block_size)


def set_aside(file: Path) -> str:
    """Give a file a name under which nothing reads it, in the place of one set aside before."""
    earlier = list(file.parent.glob(f"{glob.escape(file.name)}.damaged-*"))
    kept = file.with_name(f"{file.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    file.rename(kept)
    for damaged in earlier:
        if damaged != kept:
            damaged.unlink()
    return kept.name


def restore(path: Path, generation: Generation) -> bool:
    """Begin a new database with what a generation remembers; whole, or not at all."""
    unfinished = path.with_name(f"{path.name}.restoring")
    try:
        unfinished.unlink(missing_ok=True)
        is_restored = copy_remembered(generation, unfinished)
        if is_restored:
            unfinished.rename(path)
        return is_restored
    except (OSError, duckdb.Error) as error:
        raise SystemExit(
            f"The history of scores cannot be taken from {generation.database}: {error}\n"
            "Make room, or put its file back from a backup. To begin history anew, remove "
            f"{published_path()}."
        ) from None
    finally:
        unfinished.unlink(missing_ok=True)


def copy_remembered(generation: Generation, database: Path) -> bool:
    """Copy what a generation remembers into a new database; whether there was any."""
    with duckdb.connect(str(database), config=NEW_DATABASE) as connection:
        connection.execute(f"attach {literal(generation.database)} as published (read_only)")
        known = connection.execute(TABLES_OF, ["published", ANY_SIZE]).fetchall()
        # an earlier version of the project published less
        remembered = [table for table in REMEMBERED if table in known]
        for schema, table in remembered:
            rows = f"published.{schema}.{table}"
            if connection.execute(f"select 1 from {rows} limit 1").fetchone():
                # a log without a row could not say what it was read under
                connection.execute(f"create schema if not exists {schema}")
                connection.execute(f"create table {schema}.{table} as select * from {rows}")
    return bool(remembered)
