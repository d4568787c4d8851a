"""A throw-away emulator of Snowflake, for the tests alone: fakesnow, which runs SQL in DuckDB.

Its server is in an environment of its own, which `make .venv-fakesnow/.installed` makes; clients
need tools/snowflake-requirements.lock. docs/scaling.md says what an emulator cannot show.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from tools import try_out

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / ".venv-fakesnow" / "bin" / "python"
DATABASE = "contact_scoring"
SECONDS_TO_START = 60


@dataclass(frozen=True)
class Emulator:
    """Where the emulator is."""

    port: int
    target: ClassVar[str] = "snowflake"

    @property
    def environment(self) -> dict[str, str]:
        """What profiles.yml reads. It takes any password."""
        return {
            "CONTACT_SCORING_SNOWFLAKE_ACCOUNT": "fakesnow",
            "CONTACT_SCORING_SNOWFLAKE_HOST": "127.0.0.1",
            "CONTACT_SCORING_SNOWFLAKE_PORT": str(self.port),
            "CONTACT_SCORING_SNOWFLAKE_PROTOCOL": "http",
            "DBT_ENV_SECRET_SNOWFLAKE_PASSWORD": "any",
            # as many as it has been tried with
            "CONTACT_SCORING_SNOWFLAKE_THREADS": "1",
        }

    @contextlib.contextmanager
    def cursor(self) -> Iterator[Any]:
        """A client's cursor."""
        import snowflake.connector

        connection = snowflake.connector.connect(
            account="fakesnow",
            user="analytics",
            password="any",  # noqa: S106
            host="127.0.0.1",
            port=self.port,
            protocol="http",
            database=DATABASE,
            schema="public",
            session_parameters={"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
        )
        with contextlib.closing(connection):
            yield connection.cursor()

    def load(self, files: Path, schema: str) -> None:
        """Make a schema of the CSV files of a folder: tables of text. DuckDB reads them."""
        with self.cursor() as cursor:
            cursor.execute(f"drop schema if exists {schema}")
            cursor.execute(f"create schema {schema}")
            for file in sorted(files.glob("*.csv")):
                read = f"read_csv('{file}', all_varchar = true, header = true, quote = '\"')"
                made = f"create table {schema}.{file.stem} as select * from {read}"  # noqa: S608
                cursor.execute(made)

    def empty(self) -> None:
        """Drop every schema but the default one."""
        with self.cursor() as cursor:
            cursor.execute("select schema_name from information_schema.schemata")
            for (schema,) in cursor.fetchall():
                if schema not in ("PUBLIC", "INFORMATION_SCHEMA"):
                    cursor.execute(f"drop schema {schema}")

    def is_up(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


def missing() -> str | None:
    """What to install before the emulator can start, in one line."""
    if not PYTHON.exists():
        return "fakesnow: make .venv-fakesnow/.installed"
    if not find_spec("dbt.adapters.snowflake"):
        return "dbt-snowflake: pip install -r tools/snowflake-requirements.lock"
    return None


@contextlib.contextmanager
def emulator() -> Iterator[Emulator]:
    """Start the emulator, in memory; stop it."""
    if needed := missing():
        raise FileNotFoundError(needed)
    started = Emulator(try_out.free_port())
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603
            [str(PYTHON), "-m", "tools.fakesnow_server", str(started.port)],
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + SECONDS_TO_START
            while not started.is_up():
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    sys.exit(f"fakesnow did not start:\n{log.read().decode(errors='replace')}")
                time.sleep(0.2)
            yield started
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
