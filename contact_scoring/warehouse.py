"""The database that dbt builds."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

Row = tuple[Any, ...]
Settings = dict[str, str | bool | int | float | list[str]]

PROJECT_ROOT = Path(__file__).resolve().parent.parent
# DuckDB loads nothing from the network by itself
NO_DOWNLOADS: Settings = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
# what DuckDB says of a file that is none of its own, was changed, or ends too soon; of a log, too
DAMAGE = (
    "not a valid DuckDB database file",
    "Corrupt database file",
    "Failure while replaying WAL file",
    "Could not read enough bytes",
)

# the windows that have a column of their own
NAMED_WINDOWS = r"""
    select distinct regexp_extract(column_name, '^score_(\d+)d$', 1)::integer as days
    from duckdb_columns()
    where
        schema_name = 'marts' and table_name = 'contact_scores'
        and regexp_matches(column_name, '^score_\d+d$')
    order by days
"""


class DatabaseInUse(SystemExit):
    """Another process has the database open in a way that keeps this one out: that passes."""


class DamagedDatabase(SystemExit):
    """The file is no database, or not whole."""


def database_path() -> Path:
    """Where the database is, as in profiles.yml."""
    default = PROJECT_ROOT / "warehouse" / "contact_scoring.duckdb"
    return Path(os.environ.get("CONTACT_SCORING_DB", default)).absolute()


def open_database(*, read_only: bool) -> duckdb.DuckDBPyConnection:
    """The database; exits with one clear line where it cannot be opened."""
    path = database_path()
    try:
        return duckdb.connect(str(path), read_only=read_only, config=NO_DOWNLOADS)
    except duckdb.Error as error:
        is_full = "No space left on device" in str(error)
        if not is_full and any(sign in str(error) for sign in DAMAGE):
            raise DamagedDatabase(f"The database {path} is damaged, or none at all.") from None
        if "set lock on file" in str(error):
            raise DatabaseInUse(
                f"The database {path} is in use, by a build or an open reader. "
                "Try again when it is done, or close it."
            ) from None
        raise SystemExit(f"The database {path} cannot be opened: {error}") from None


def connect() -> duckdb.DuckDBPyConnection:
    """A read-only connection; exits with one clear line where there is nothing to read."""
    path = database_path()
    if not path.exists():
        raise SystemExit(f"There is no database at {path}. Run `make build` first.")
    return open_database(read_only=True)


@contextmanager
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection; exits with one clear line where no build has finished."""
    with connect() as connection:
        try:
            yield connection
        except duckdb.CatalogException as error:
            raise SystemExit(
                f"{database_path()} holds no finished build: {error}. Run `make build` again."
            ) from None


def only_row(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object] | None = None
) -> Row:
    """The row of a query that has one, whatever the tables hold."""
    (row,) = connection.execute(sql, parameters or {}).fetchall()
    return row


def named_windows(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """The windows, in days, that contact_scores has a column for: macros/windows.sql names them."""
    return [days for (days,) in connection.execute(NAMED_WINDOWS).fetchall()]
