"""The database that dbt builds."""

import fcntl
import os
import shutil
import struct
import sys
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

# the struct flock of fcntl, and where in it the kind of lock stands
FLOCK, KIND = ("qqihh", 3) if sys.platform == "darwin" else ("hhqqi", 0)

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


def memory_limit() -> str:
    """How much memory DuckDB may use, as in profiles.yml; exits if that is no amount."""
    limit = os.environ.get("CONTACT_SCORING_MEMORY_LIMIT", "3GB")
    try:
        duckdb.connect(config={"memory_limit": limit}).close()
    except duckdb.Error:
        raise SystemExit(
            f"CONTACT_SCORING_MEMORY_LIMIT: {limit!r} is no amount of memory. "
            "Write one such as 2GB."
        ) from None
    return limit


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
            raise in_use() from None
        raise SystemExit(f"The database {path} cannot be opened: {error}") from None


def is_being_built() -> bool:
    """Whether a process has the database open to write. To ask takes no lock, as to open would."""
    path = database_path()
    if not path.exists():
        return False
    asked = [0] * 5
    asked[KIND] = fcntl.F_RDLCK
    with path.open("rb") as file:
        answer = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack(FLOCK, *asked))
    return bool(struct.unpack(FLOCK, answer)[KIND] != fcntl.F_UNLCK)


def copy_last_build(folder: Path) -> Path:
    """Copy the database while nobody writes to it; exits with one line where somebody does.

    A reader's lock would end a build that begins meanwhile, so none is taken: it is looked at
    afterwards whether one began. What is published does not hold all that a build goes on from.
    """
    path = database_path()
    if not path.exists():
        raise no_database()
    before = written()
    if not is_being_built():
        for file in before:
            shutil.copy(file, folder)
        if not is_being_built() and written() == before:
            return folder / path.name
    raise in_use()


def written() -> dict[Path, tuple[int, int]]:
    """The files of the database, each with what is another once somebody has written to it."""
    path = database_path()
    found = {}
    for file in (path, path.with_name(f"{path.name}.wal")):
        if file.exists():
            status = file.stat()
            found[file] = status.st_mtime_ns, status.st_size
    return found


@contextmanager
def only_one_in(folder: Path) -> Iterator[bool]:
    """Whether no other process is within this, for the same folder; it stays so until the end."""
    place = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_alone = True
    except BlockingIOError:
        is_alone = False
    try:
        yield is_alone
    finally:
        os.close(place)


def no_database() -> SystemExit:
    return SystemExit(f"There is no database at {database_path()}. Run `make build` first.")


def in_use() -> DatabaseInUse:
    return DatabaseInUse(
        f"The database {database_path()} is in use, by a build or an open reader. "
        "Try again when it is done, or close it."
    )


def connect() -> duckdb.DuckDBPyConnection:
    """A read-only connection; exits with one clear line where there is nothing to read."""
    if not database_path().exists():
        raise no_database()
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
