"""The published marts as tables of a PostgreSQL database: `make publish-postgres`.

Source: the current published generation. Grain: one table per mart, with the rows that the Parquet
files have: of a large mart by window those that contact_scores has a column for. The connection is
that of profiles.yml (CONTACT_SCORING_PG_HOST and so on), the schema CONTACT_SCORING_PG_SCHEMA
(published).

All tables change in one transaction, by delete and COPY: who reads in one transaction of REPEATABLE
READ sees one generation, nobody waits, and grants, and views on the tables, stay. Exits non-zero,
with one line, where nothing was loaded; the tables are then as they were.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import duckdb
import psycopg2
from psycopg2.errors import DependentObjectsStillExist, InsufficientPrivilege, LockNotAvailable
from psycopg2.sql import SQL, Composed, Identifier, Literal

from contact_scoring.publishing import (
    Generation,
    current_generation,
    name,
    published_path,
)
from contact_scoring.warehouse import NO_DOWNLOADS, Settings, memory_limit

PROGRAM = "contact_scoring publish"
# on the schema and on its tables; by it this command knows what is its own
MARK = "Contact scoring, published by `make publish-postgres`"
# `dbt build --target postgres` writes these, and would again
SCHEMAS_OF_DBT = ("config", "demo", "staging", "engagement", "points", "marts")
INDEXES = (("score_name", "window_days"), ("contact_id",), ("list_id",))
ROWS_AT_A_TIME = 10_000
# a reader who never ends must not keep all others out of a table whose columns change
LOCK_TIMEOUT = "1min"

# as format_type() of PostgreSQL writes them; decimals have one spelling in both
TYPES = {
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "HUGEINT": "numeric(38,0)",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIMESTAMP": "timestamp without time zone",
}
COLUMNS = """
    select table_name, column_name, data_type from duckdb_columns()
    where schema_name = 'marts'
    order by table_name, column_index
"""
# COPY's text format: in its CSV, PostgreSQL before 18 takes a line of `\.` in a text for the end.
# A text of PostgreSQL holds no NUL.
ESCAPED = r"""
    replace(replace(replace(replace(replace({0}, chr(0), ''),
        '\', '\\'), chr(9), '\t'), chr(10), '\n'), chr(13), '\r')
"""
CELL = r"coalesce(cast({0} as varchar), '\N')"

SCHEMA = """
    select
        obj_description(oid, 'pg_namespace'),
        exists (select 1 from pg_class where relnamespace = pg_namespace.oid)
    from pg_namespace
    where nspname = %s
"""
RELATIONS = """
    select relname, relkind, coalesce(obj_description(oid, 'pg_class'), '')
    from pg_class
    where relnamespace = %s::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
"""
COLUMNS_OF_TABLE = """
    select attname, format_type(atttypid, atttypmod)
    from pg_attribute
    where attrelid = %s::regclass and attnum > 0 and not attisdropped
"""


class NotLoadedError(Exception):
    """Why nothing was loaded, and what to do. The tables are as they were."""


@dataclass(frozen=True)
class Loaded:
    """What a load put there."""

    generation: Generation
    rows: dict[str, int]


class Lines:
    """The rows of a query of one text column, as a file that COPY reads.

    ADBC's driver loads a million rows in 0.75 s where this takes 1.2, but has a connection, and so
    a transaction, of its own. With the whole load on that one, quoting names would be our code.
    """

    def __init__(self, rows: duckdb.DuckDBPyConnection) -> None:
        self.rows = rows

    def read(self, _size: int) -> str:
        return "".join(line for (line,) in self.rows.fetchmany(ROWS_AT_A_TIME))


def schema_name() -> str:
    """The schema that the tables are in: CONTACT_SCORING_PG_SCHEMA, or published."""
    schema = os.environ.get("CONTACT_SCORING_PG_SCHEMA") or "published"
    if schema in SCHEMAS_OF_DBT:
        raise NotLoadedError(
            f"CONTACT_SCORING_PG_SCHEMA: {schema} is what `dbt build --target postgres` writes. "
            "Name another schema."
        )
    if len(schema.encode()) > 63:
        raise NotLoadedError("CONTACT_SCORING_PG_SCHEMA: a name has at most 63 bytes.")
    return schema


def connect() -> Any:
    """A connection to where profiles.yml says. Else NotLoadedError."""
    try:
        connection = psycopg2.connect(
            host=os.environ.get("CONTACT_SCORING_PG_HOST", "127.0.0.1"),
            port=os.environ.get("CONTACT_SCORING_PG_PORT", "5432"),
            user=os.environ.get("CONTACT_SCORING_PG_USER", "analytics"),
            password=os.environ.get("DBT_ENV_SECRET_PG_PASSWORD", ""),
            dbname=os.environ.get("CONTACT_SCORING_PG_DATABASE", "contact_scoring"),
            connect_timeout=10,
            application_name=PROGRAM,
            client_encoding="UTF8",
        )
    except psycopg2.Error as error:
        raise NotLoadedError(
            f"PostgreSQL lets nobody in: {first_line(error)}. Look at CONTACT_SCORING_PG_HOST, "
            "_PORT, _USER, _DATABASE and DBT_ENV_SECRET_PG_PASSWORD."
        ) from None
    if connection.info.parameter_status("server_encoding") != "UTF8":
        connection.close()
        raise NotLoadedError(
            f"The database {connection.info.dbname} is not in UTF-8, so it cannot hold all names. "
            "Load into one that is."
        )
    # whatever the user's own defaults are: after a wait it has to see what the other one loaded
    connection.set_session(isolation_level="READ COMMITTED", readonly=False, autocommit=False)
    return connection


def load() -> Loaded:
    """Replace the tables' rows by those of the current generation. Else NotLoadedError."""
    schema = schema_name()
    readable_generation()
    with closing(connect()) as connection:
        try:
            with connection.cursor() as cursor:
                wait_for_others(cursor, schema)
                # after the wait, or an older generation could follow a newer one
                generation = readable_generation()
                with closing(open_generation(generation)) as marts:
                    rows = replace_all(cursor, schema, generation, marts)
            connection.commit()
        except psycopg2.Error as error:
            raise NotLoadedError(explained(error, schema, connection.info.user)) from None
        try:
            vacuum(connection, schema, rows)
        except psycopg2.Error as error:
            print(f"VACUUM ANALYZE failed: {first_line(error)}.", file=sys.stderr)
    return Loaded(generation, rows)


def readable_generation() -> Generation:
    generation = current_generation()
    if generation is None:
        raise NotLoadedError(f"Nothing is published in {published_path()}. Run `make build`.")
    return generation


def open_generation(generation: Generation) -> duckdb.DuckDBPyConnection:
    settings: Settings = NO_DOWNLOADS | {
        "memory_limit": memory_limit(),
        # beside a published file nothing is written
        "temp_directory": "",
    }
    return duckdb.connect(str(generation.database), read_only=True, config=settings)


def wait_for_others(cursor: Any, schema: str) -> None:
    """One load into a schema at a time. The lock ends with the transaction."""
    key = [f"{PROGRAM} {schema}"]
    cursor.execute("select pg_try_advisory_xact_lock(hashtextextended(%s, 0))", key)
    if not cursor.fetchone()[0]:
        print("Waiting for another load to end.", flush=True)
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", key)
    cursor.execute(SQL("set local lock_timeout = {}").format(Literal(LOCK_TIMEOUT)))


def replace_all(
    cursor: Any, schema: str, generation: Generation, marts: duckdb.DuckDBPyConnection
) -> dict[str, int]:
    """Replace every table's rows; how many each has now."""
    of_marts = generation.manifest["marts"]
    columns: dict[str, dict[str, str]] = {}
    for mart, column, kind in marts.execute(COLUMNS).fetchall():
        columns.setdefault(mart, {})[column] = postgres_type(mart, column, kind)
    claim_schema(cursor, schema)
    existing = tables(cursor, schema, list(columns))
    for stale in existing - columns.keys():
        # the project has no such mart any more; of a contact deleted since, nothing may stay
        cursor.execute(SQL("drop table {}").format(Identifier(schema, stale)))
    rows = {}
    for mart, types in columns.items():
        table = Identifier(schema, mart)
        if mart in existing:
            cursor.execute(SQL("delete from {}").format(table))
            alter(cursor, table, types)
        else:
            cursor.execute(SQL("create table {} ({})").format(table, definitions(types)))
        index(cursor, schema, mart, types)
        where = of_marts[mart].get("where")
        rows[mart] = copy(cursor, table, marts, mart, types, where or "true")
        said = f"{MARK}: as of {generation.as_of_mart(mart)} UTC"
        if where:
            said += f"; {where}"
        cursor.execute(SQL("comment on table {} is {}").format(table, Literal(said)))
    return rows


def postgres_type(mart: str, column: str, kind: str) -> str:
    if kind.startswith("DECIMAL("):
        return kind.replace("DECIMAL", "numeric")
    if kind not in TYPES:
        raise NotLoadedError(f"{mart}.{column}: there is no type of PostgreSQL for {kind} here.")
    return TYPES[kind]


def claim_schema(cursor: Any, schema: str) -> None:
    """Make the schema, or see that it is this command's own, or that there is nothing in it."""
    cursor.execute(SCHEMA, [schema])
    comment, in_use = cursor.fetchone() or (None, None)
    if (comment or "").startswith(MARK):
        return
    if in_use:
        raise NotLoadedError(
            f"The schema {schema} holds tables that this command did not make: they are left as "
            "they are. Name another one by CONTACT_SCORING_PG_SCHEMA."
        )
    if in_use is None:
        cursor.execute(SQL("create schema {}").format(Identifier(schema)))
    cursor.execute(SQL("comment on schema {} is {}").format(Identifier(schema), Literal(MARK)))


def tables(cursor: Any, schema: str, marts: list[str]) -> set[str]:
    """The tables that this command made. NotLoadedError where another's has a mart's name."""
    cursor.execute(RELATIONS, [Identifier(schema).as_string(cursor)])
    ours = set()
    for relation, kind, comment in cursor.fetchall():
        if kind == "r" and comment.startswith(MARK):
            ours.add(relation)
        elif relation in marts:
            raise NotLoadedError(
                f"{schema}.{relation} was not made by this command: rename it, or name another "
                "schema by CONTACT_SCORING_PG_SCHEMA."
            )
    return ours


def alter(cursor: Any, table: Identifier, types: dict[str, str]) -> None:
    """Give a table the columns of an upgrade; grants on it stay, and views on the other columns."""
    cursor.execute(COLUMNS_OF_TABLE, [table.as_string(cursor)])
    there = dict(cursor.fetchall())
    for column in there:
        if types.get(column) != there[column]:
            cursor.execute(SQL("alter table {} drop column {}").format(table, Identifier(column)))
    for column, kind in types.items():
        if there.get(column) != kind:
            definition = definitions({column: kind})
            cursor.execute(SQL("alter table {} add column {}").format(table, definition))


def definitions(types: dict[str, str]) -> Composed:
    return SQL(", ").join(
        SQL("{} {}").format(Identifier(column), SQL(kind)) for column, kind in types.items()
    )


def index(cursor: Any, schema: str, mart: str, types: dict[str, str]) -> None:
    """Index what people filter by."""
    for keys in INDEXES:
        if types.keys() >= set(keys):
            cursor.execute(
                SQL("create index if not exists {} on {} ({})").format(
                    Identifier(f"{mart}_{'_'.join(keys)}"),
                    Identifier(schema, mart),
                    SQL(", ").join(map(Identifier, keys)),
                )
            )


def copy(
    cursor: Any,
    table: Identifier,
    marts: duckdb.DuckDBPyConnection,
    mart: str,
    types: dict[str, str],
    where: str,
) -> int:
    """COPY a mart's rows into its table, some at a time; how many they were."""
    cells = [
        CELL.format(ESCAPED.format(name(column)) if kind == "text" else name(column))
        for column, kind in types.items()
    ]
    rows = marts.execute(
        f"select concat_ws(chr(9), {', '.join(cells)}) || chr(10) "
        f"from marts.{name(mart)} where {where}"
    )
    command = SQL("copy {} ({}) from stdin").format(table, SQL(", ").join(map(Identifier, types)))
    cursor.copy_expert(command, Lines(rows))
    return int(cursor.rowcount)


def vacuum(connection: Any, schema: str, marts: Iterable[str]) -> None:
    """Free the rows that were deleted, and count the new ones for the planner."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        for mart in marts:
            cursor.execute(SQL("vacuum (analyze) {}").format(Identifier(schema, mart)))


def explained(error: psycopg2.Error, schema: str, user: str) -> str:
    """What went wrong, in one line, and how to mend it."""
    said = first_line(error)
    if isinstance(error, InsufficientPrivilege):
        said += (
            f". The user {user} has to own the schema and its tables: "
            f"create schema {schema} authorization {user}, by an administrator"
        )
    elif isinstance(error, DependentObjectsStillExist):
        said += (
            f", and its columns change with this version: drop the views on it that use them "
            f"({'; '.join((error.diag.message_detail or '').splitlines())}), load again, and make "
            "them anew"
        )
    elif isinstance(error, LockNotAvailable):
        said += ". Somebody has a table locked: load again when they are done"
    return f"Nothing was loaded into {schema}, what was there stands: {said}."


def first_line(error: psycopg2.Error) -> str:
    """The server's message, without the row that it was about."""
    if (error.pgcode or "")[:2] in ("22", "23", "P0"):
        of = f" into {error.diag.table_name}" if error.diag.table_name else ""
        return f"a value was refused{of} (SQLSTATE {error.pgcode})"
    return str(error).strip().split("\n")[0].rstrip(".")


def main() -> None:
    """Load, and say what in one line. Exits non-zero where nothing was loaded."""
    try:
        loaded = load()
    except NotLoadedError as error:
        raise SystemExit(str(error)) from None
    except (OSError, duckdb.Error) as error:
        raise SystemExit(
            "Nothing was loaded: the published generation cannot be read "
            f"({type(error).__name__}). Load again; if it stays so, `make build` publishes anew."
        ) from None
    print(
        f"Loaded for {loaded.generation.as_of:%Y-%m-%d %H:%M} UTC into the schema "
        f"{schema_name()}: {sum(loaded.rows.values()):,} rows in {len(loaded.rows)} tables."
    )
    if loaded.generation.evaluation is None:
        print("There is no evaluation yet: `make evaluate` adds its tables.")
