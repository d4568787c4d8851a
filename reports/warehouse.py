"""The database that dbt builds, opened for reading."""

import os
from pathlib import Path

import duckdb

PROJECT_ROOT = Path(__file__).resolve().parent.parent


def database_path() -> Path:
    """Where the database is, as in profiles.yml."""
    default = PROJECT_ROOT / "warehouse" / "contact_scoring.duckdb"
    return Path(os.environ.get("CONTACT_SCORING_DB", default)).absolute()


def connect() -> duckdb.DuckDBPyConnection:
    """A read-only connection; exits with one clear line where there is nothing to read."""
    path = database_path()
    if not path.exists():
        raise SystemExit(f"There is no database at {path}. Run `make build` first.")
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.IOException as error:
        if "lock" not in str(error).lower():
            raise SystemExit(f"The database {path} cannot be read: {error}") from None
        raise SystemExit(
            f"The database {path} is in use, probably by a build. Try again when it is done."
        ) from None
